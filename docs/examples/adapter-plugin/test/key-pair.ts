import ssh2 from "ssh2"

/** How the private key is encrypted. */
interface Encryption {
  readonly passphrase: string
  readonly cipher: string
  readonly rounds: number
}

/** A key pair that can be read again: of one in 256 that ssh2 1.17 makes the public key has lost a zero at its start. */
export function keyPair(encryption?: Encryption): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", encryption)
    if (!(ssh2.utils.parseKey(pair.private, encryption?.passphrase) instanceof Error)) return pair
  }
}
