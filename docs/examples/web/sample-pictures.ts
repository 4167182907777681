// Pictures of hills, drawn pixel by pixel, so that the gallery has something to show.
import { crc32, deflateSync } from "node:zlib"

type Colour = readonly [red: number, green: number, blue: number]

interface Scene {
  readonly name: string
  readonly sky: readonly [top: Colour, horizon: Colour]
  readonly hills: readonly [far: Colour, near: Colour]
  readonly sun: { readonly x: number; readonly y: number; readonly colour: Colour }
  readonly seed: number
}

const SCENES: readonly Scene[] = [
  scene("morning-fog", [0x8fb8de, 0xfbe3d0], [0xc3cfdd, 0x2c4a5e], [0.7, 0.42, 0xfff6e8], 3),
  scene("red-valley", [0x3c1f4f, 0xf2905c], [0xb5535c, 0x23122f], [0.35, 0.5, 0xffd9a0], 11),
  scene("pine-ridge", [0x6fb7b0, 0xeaf4dc], [0x9cc5a6, 0x143c34], [0.55, 0.3, 0xffffff], 7),
  scene("blue-hour", [0x0d1b3e, 0x7d8fc9], [0x54669e, 0x070d20], [0.78, 0.22, 0xf4f1ff], 23),
  scene("dunes", [0xf3c98b, 0xfdf0d5], [0xe9b872, 0x8a4b2a], [0.25, 0.25, 0xffffff], 31),
  scene("northern-sea", [0x22577a, 0xc7f9cc], [0x57cc99, 0x123047], [0.5, 0.45, 0xfffde4], 41),
]

function scene(
  name: string,
  [top, horizon]: [number, number],
  [far, near]: [number, number],
  [x, y, sun]: [number, number, number],
  seed: number,
): Scene {
  return {
    name,
    sky: [colour(top), colour(horizon)],
    hills: [colour(far), colour(near)],
    sun: { x, y, colour: colour(sun) },
    seed,
  }
}

function colour(hex: number): Colour {
  return [hex >> 16, (hex >> 8) & 255, hex & 255]
}

function mix(one: Colour, other: Colour, share: number): Colour {
  const at = (index: 0 | 1 | 2) => one[index] + (other[index] - one[index]) * share
  return [at(0), at(1), at(2)]
}

const LAYERS = 5

/** How high a hill of this layer is at x, from 0 (top) to 1 (bottom). */
function ridge(layer: number, x: number, seed: number): number {
  const wave = (frequency: number, height: number) => height * Math.sin(x * frequency + seed * (layer + 1) * frequency)
  const depth = layer / (LAYERS - 1)
  return 0.5 + depth * 0.36 + wave(3.1, 0.055) + wave(7.3, 0.026) + wave(17.9, 0.008 * (1 + depth)) + wave(41, 0.003)
}

function pixel({ sky, hills, sun, seed }: Scene, x: number, y: number, height: number): Colour {
  let seen = mix(sky[0], sky[1], Math.min(1, y / 0.62))
  const distance = Math.hypot((x - sun.x) * 1.5, y - sun.y)
  seen = mix(seen, sun.colour, 0.55 * Math.exp(-distance * 5))
  seen = mix(seen, sun.colour, Math.min(1, Math.max(0, (0.055 - distance) * height)))
  for (let layer = 0; layer < LAYERS; layer++) {
    const below = y - ridge(layer, x * 1.5, seed)
    // The edge covers a part of its pixel.
    const cover = Math.min(1, Math.max(0, below * height + 0.5))
    if (cover === 0) continue
    const shade = mix(hills[0], hills[1], layer / (LAYERS - 1))
    // Mist lies in the valleys.
    seen = mix(seen, mix(shade, sky[1], 0.35 * Math.max(0, 1 - layer / 3) * Math.min(1, below * 4)), cover)
  }
  return seen
}

function png(width: number, height: number, at: (x: number, y: number) => Colour): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let row = 0, offset = 0; row < height; row++) {
    // Filter 0: the bytes as they are.
    rows[offset++] = 0
    for (let column = 0; column < width; column++) {
      for (const value of at(column, row)) rows[offset++] = Math.round(value)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits for each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data])
  const framed = Buffer.alloc(named.byteLength + 8)
  framed.writeUInt32BE(data.byteLength, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.byteLength + 4)
  return framed
}

/** Six pictures with their file names. */
export function* samplePictures(
  width: number = 720,
  height: number = 480,
): Generator<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  for (const each of SCENES) {
    yield { name: `${each.name}.png`, bytes: png(width, height, (x, y) => pixel(each, x / width, y / height, height)) }
  }
}
