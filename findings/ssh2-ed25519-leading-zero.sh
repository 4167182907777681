#!/usr/bin/env bash
# ssh2 1.17.0, utils.generateKeyPairSync("ed25519"): a public key whose first byte is zero loses that byte, which happens
# to one pair in 256. Neither half can then be read by ssh2's own parser.
# Seen with Node 24.21: of 4,000 pairs 21 were refused, each with a public key of 31 bytes in place of 32 (RFC 8709).
# What follows: read a pair back before it is kept, and make another where that fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ssh2@1.17.0
cat > pairs.cjs <<'JS'
const { utils } = require("ssh2")
const PAIRS = 4000
let [refused, short] = [0, 0]
for (let index = 0; index < PAIRS; index++) {
  const pair = utils.generateKeyPairSync("ed25519")
  const wire = Buffer.from(pair.public.split(" ")[1], "base64")
  // "ssh-ed25519" with its length, then the length of the key.
  const bytes = wire.readUInt32BE(15)
  if (bytes !== 32) short++
  if (utils.parseKey(pair.private) instanceof Error && utils.parseKey(pair.public) instanceof Error) refused++
}
console.log(`of ${PAIRS} pairs ${refused} can't be read, ${short} have a public key of less than 32 bytes`)
if (refused === 0 || refused !== short) process.exit(1)
JS
node pairs.cjs
