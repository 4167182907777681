import { afterAll, afterEach, beforeAll, expect } from "vitest"
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts"

/**
 * A proxy in front of the server for the tests of a block, without faults at the beginning of each. No test may leave a
 * promise behind that is rejected unheard.
 * @param endpoint the server's address, which is known when the block's tests begin
 */
export function useFaultProxy(endpoint: () => string): () => FaultProxy {
  let proxy: FaultProxy | undefined
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)

  beforeAll(async () => {
    process.on("unhandledRejection", note)
    const { hostname, port } = new URL(endpoint())
    proxy = await startFaultProxy({ host: hostname, port: Number(port) })
  })
  afterEach(() => {
    proxy!.clear()
    proxy!.resetCounts()
    expect(unhandled).toEqual([])
  })
  afterAll(async () => {
    process.off("unhandledRejection", note)
    await proxy?.stop()
  })
  return () => proxy!
}
