import { type KeyObject, sign } from "node:crypto"

interface Asked {
  readonly text: Buffer
  readonly resolve: (signature: Buffer) => void
  readonly reject: (reason: unknown) => void
}

const ALGORITHM = "RSA-SHA256"

/**
 * Signs with an RSA key. A signature takes a fifth of a millisecond: one that is asked for alone is made at once, which
 * costs less than to hand it over; those that are asked for together are made by Node's threads, on all cores, while the
 * event loop goes on.
 */
export function signingBy(key: KeyObject): (text: string) => Promise<Buffer> {
  let waiting: Asked[] = []

  function signWaiting(): void {
    const all = waiting
    waiting = []
    const [first] = all
    if (all.length > 1) for (const each of all) signInThread(each, key)
    else if (first) signNow(first, key)
  }

  return (text) =>
    new Promise((resolve, reject) => {
      // Whoever asks in the same turn comes before it.
      if (waiting.length === 0) queueMicrotask(signWaiting)
      waiting.push({ text: Buffer.from(text), resolve, reject })
    })
}

function signNow({ text, resolve, reject }: Asked, key: KeyObject): void {
  try {
    resolve(sign(ALGORITHM, text, key))
  } catch (error) {
    reject(error)
  }
}

function signInThread({ text, resolve, reject }: Asked, key: KeyObject): void {
  try {
    sign(ALGORITHM, text, key, (error, signature) => {
      if (error) reject(error)
      else resolve(signature)
    })
  } catch (error) {
    // Of a key that can't sign.
    reject(error)
  }
}
