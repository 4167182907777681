/** Buckets and their objects. Each change of an object is one synchronous step, its preconditions included. */
import type { Content } from "./content.ts"
import { bucketNotFound, GcsError, invalid, objectNotFound } from "./errors.ts"
import type { Metadata } from "./metadata.ts"
import { checkObjectName, compareNames } from "./object-names.ts"
import { checkConditions, type Conditions } from "./preconditions.ts"

export interface CorsRule {
  origin?: string[]
  method?: string[]
  responseHeader?: string[]
  maxAgeSeconds?: number
}

export interface BucketOptions {
  /** Access is a matter of the bucket alone: a write with an ACL is refused. Default: no. */
  uniformBucketLevelAccess?: boolean
  /** Each request must tell which project pays. Default: no. */
  requesterPays?: boolean
  /** Old generations are not kept; there is no other choice here. */
  versioning?: false
  cors?: CorsRule[]
}

/** What a request brings to make an object of. */
export interface NewObject {
  content: Content
  metadata: Metadata
  /** Anyone may read it. */
  isPublic: boolean
  /** How many objects it was composed of. Such an object has no MD5. */
  componentCount?: number
  /** False for what was uploaded in parts. Default: as the component count tells. */
  hasMd5?: false
}

/** Never changed: a change of its metadata makes a new one. */
export interface StoredObject extends NewObject {
  bucket: string
  name: string
  generation: number
  metageneration: number
  timeCreated: Date
  updated: Date
}

export class ObjectStore {
  readonly #buckets = new Map<string, Bucket>()
  readonly #clock: Clock

  constructor(now: () => Date) {
    this.#clock = new Clock(now)
  }

  createBucket(name: string, options: BucketOptions = {}): Bucket {
    if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name)) {
      throw invalid(`Invalid bucket name: '${name}'`, "InvalidBucketName")
    }
    if (this.#buckets.has(name)) throw bucketExists()
    const bucket = new Bucket(name, options, this.#clock)
    this.#buckets.set(name, bucket)
    return bucket
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name)
  }

  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name)
    if (!bucket) throw bucketNotFound()
    return bucket
  }
}

/** Gives out generations: microseconds since 1970, none of them twice. */
class Clock {
  readonly now: () => Date
  #last = 0

  constructor(now: () => Date) {
    this.now = now
  }

  nextGeneration(): number {
    this.#last = Math.max(this.#last + 1, this.now().getTime() * 1000)
    return this.#last
  }
}

export class Bucket {
  readonly name: string
  options: BucketOptions
  metageneration = 1
  readonly timeCreated: Date
  readonly #clock: Clock
  readonly #objects = new Map<string, StoredObject>()
  #sortedNames: string[] | undefined

  constructor(name: string, options: BucketOptions, clock: Clock) {
    this.name = name
    this.options = options
    this.#clock = clock
    this.timeCreated = clock.now()
  }

  /** In the order of lists. */
  get names(): readonly string[] {
    return (this.#sortedNames ??= [...this.#objects.keys()].toSorted(compareNames))
  }

  find(name: string): StoredObject | undefined {
    return this.#objects.get(name)
  }

  /** The object, or 404; with `generation` that one and no other. */
  get(name: string, generation?: number): StoredObject {
    const object = this.#objects.get(name)
    if (!object || (generation !== undefined && generation !== object.generation)) {
      throw objectNotFound(this.name, name)
    }
    return object
  }

  put(name: string, fresh: NewObject, conditions: Conditions): StoredObject {
    checkObjectName(name)
    const old = this.#objects.get(name)
    checkConditions(conditions, old, "write")
    const now = this.#clock.now()
    const generation = this.#clock.nextGeneration()
    const times = { timeCreated: now, updated: now }
    const object: StoredObject = { ...fresh, ...times, bucket: this.name, name, generation, metageneration: 1 }
    object.content.retain()
    old?.content.release()
    this.#objects.set(name, object)
    if (!old) this.#sortedNames = undefined
    return object
  }

  change(
    name: string,
    generation: number | undefined,
    conditions: Conditions,
    change: (old: StoredObject) => Partial<Pick<NewObject, "metadata" | "isPublic">>,
  ): StoredObject {
    const old = this.get(name, generation)
    checkConditions(conditions, old, "write")
    const metageneration = old.metageneration + 1
    const object = { ...old, ...change(old), metageneration, updated: this.#clock.now() }
    this.#objects.set(name, object)
    return object
  }

  remove(name: string, generation: number | undefined, conditions: Conditions): void {
    const old = this.get(name, generation)
    checkConditions(conditions, old, "write")
    this.#objects.delete(name)
    this.#sortedNames = undefined
    old.content.release()
  }
}

function bucketExists(): GcsError {
  return new GcsError(409, {
    reason: "conflict",
    message: "Your previous request to create the named bucket succeeded and you already own it.",
    code: "BucketAlreadyOwnedByYou",
  })
}
