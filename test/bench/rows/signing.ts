import type { Work } from "../harness/row.ts"

/** Another name each time, as a page with a gallery asks for. */
export function signing(sign: (name: string) => unknown): Work {
  let number = 0
  return {
    async run(times) {
      for (let done = 0; done < times; done++) await sign(`avatars/${number++}.png`)
    },
  }
}

/** So many at once, as one page asks for. */
export function signingAtOnce(count: number, sign: (name: string) => Promise<unknown>): Work {
  let number = 0
  return {
    async run(times) {
      for (let done = 0; done < times; done += count) {
        const names = Array.from({ length: Math.min(count, times - done) }, () => `avatars/${number++}.png`)
        await Promise.all(names.map(sign))
      }
    },
  }
}
