// proof — the chain of hashes over what happened: its head, its signatures, and what proves the story of one message.

/** One link of the chain: what one commit wrote. How its hash is made: [proof-chain](../rules/proof-chain.ts). */
export interface Link {
  n: number
  /** Milliseconds since 1970, by the hub's clock. */
  at: number
  /** Of the hashes of its items, in their order. */
  root: string
  hash: string
}

/** A link that was signed, and with it all links before. How it is checked: docs/operations.md, 证据. */
export interface SignedHead {
  /** The link that is signed. */
  n: number
  hash: string
  at: Date
  signedAt: Date
  /** Ed25519, PEM. */
  publicKey: string
  /** Of `headText`, base64. */
  signature: string
  /** The token of a time-stamp authority over the bytes of the signature (RFC 3161), base64. */
  timeStamp?: string
}

/** One fact about a message, as its link keeps it, and where it stands in the link. */
export interface ProvenFact {
  link: number
  position: number
  kind: string
  id: string
  /** JSON of the columns that never change; absent when the row is there no more. */
  fixed?: string
  now: string
  hash: string
}

/** All that is needed to verify one message's facts without the ledger. */
export interface ProofOfMessage {
  facts: ProvenFact[]
  /** The hashes of all items of the links that hold the facts, by link. */
  items: Record<number, string[]>
  /** Ways through the chain, each from the link before a fact's up to a signed head. */
  ways: { before: string; links: Link[] }[]
  heads: SignedHead[]
}

/** How far the chain goes, is signed and is stamped. Times in milliseconds since 1970. */
export interface ChainHead {
  head?: Link
  signed?: { n: number; signedAt: number; signature: string; stamped: boolean }
  stamped?: { n: number; signedAt: number }
}

/** What was recorded before the ledger had a chain is in none of its links. */
export interface Proof {
  /** The newest link, the newest head that is signed, and the newest that is stamped too. */
  chainHead(): Promise<ChainHead>
  keepHead(head: Omit<SignedHead, 'timeStamp'>): Promise<void>
  /** The first one counts. */
  keepTimeStamp(n: number, token: string): Promise<void>
  /** Of what was recorded since the ledger keeps a chain. Links behind the last signed head prove nothing yet. */
  proofOf(messageId: string): Promise<ProofOfMessage>
}
