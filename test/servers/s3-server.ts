/** What a client needs to reach an S3 service. Serialisable, so that it can be handed to test workers. */
export interface S3Connection {
  /** URL for path-style addressing (`<endpoint>/<bucket>/<key>`), without a slash at its end. */
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

/** An S3 service that a test run started, or borrowed from the environment. */
export interface S3Server extends S3Connection {
  /** Ends the service and removes what it stored on this machine. May be called more than once. */
  stop(): Promise<void>
}

/** The part of a server that can cross to another process. */
export function connectionOf({ endpoint, region, credentials }: S3Server): S3Connection {
  return { endpoint, region, credentials }
}

/** The same service as reached through something else on this machine, such as a proxy. */
export function connectionThrough(proxy: { host: string; port: number }, connection: S3Connection): S3Connection {
  const url = new URL(connection.endpoint)
  url.host = `${proxy.host}:${proxy.port}`
  return { ...connection, endpoint: url.href.replace(/\/$/, "") }
}
