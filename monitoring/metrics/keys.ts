// keys — certificates that end, and the keys that sign for customs.
import type { NumberRow, Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface KeySources {
  /** Certificates that end, and in how many days. */
  certificates: () => Promise<{ of: string; daysLeft: number }[]>
  /** The keys that sign for customs: whether each is there, and how many messages wait for it. */
  signers: () => { name: string; up: boolean; waiting: number; signed: number }[]
  /** True while the files of a certificate cannot be used, and the one of before is served. */
  certificateTrouble: () => boolean
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchKeys(sources: KeySources, { gauge, table }: Scrape): void {
  table('hub_certificate_days_left', 'Whole days until a certificate ends; below zero once it has', ['of'], async () =>
    (await sources.certificates()).map(({ of, daysLeft }): NumberRow => [{ of }, daysLeft]),
  )
  const ofSigners = (read: (view: ReturnType<KeySources['signers']>[number]) => number) => () =>
    sources.signers().map((view): NumberRow => [{ signer: view.name }, read(view)])
  table(
    'hub_signer_up',
    '1 while a key that signs for customs is there',
    ['signer'],
    ofSigners(({ up }) => (up ? 1 : 0)),
  )
  table(
    'hub_signer_waiting',
    'Messages that wait for the key',
    ['signer'],
    ofSigners(({ waiting }) => waiting),
  )
  gauge('hub_certificate_unusable', '1 while the files of the certificate cannot be used', () =>
    sources.certificateTrouble() ? 1 : 0,
  )
}
