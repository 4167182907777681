import type { S3Connection } from "../../servers/s3-server.ts"

/** The names of a bucket that was filled, in their order. */
export function filledName(number: number): string {
  return `files/${String(number).padStart(8, "0")}.bin`
}

/** Makes so many small objects in a bucket of the cheap server, by one request. @returns how many there were before */
export async function fill({ endpoint, bucket }: S3Connection & { bucket: string }, count: number): Promise<number> {
  const answer = await fetch(`${endpoint}/${bucket}?fill=${count}`, { method: "POST" })
  if (!answer.ok) throw new Error(`The bucket was not filled: ${answer.status}.`)
  return Number(await answer.text())
}
