import ssh2 from "ssh2"

/** How the private key is encrypted. */
interface Encryption {
  readonly passphrase: string
  readonly cipher: string
  readonly rounds: number
}

/** A key pair that can be read again: one in some 200 that ssh2 1.17 makes is too short for its own parser. */
export function keyPair(encryption?: Encryption): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", encryption)
    if (!(ssh2.utils.parseKey(pair.private, encryption?.passphrase) instanceof Error)) return pair
  }
}
