// partner-keys — the keys, passwords and client certificates of a partner: listed, made, taken back.
import { createHash } from 'node:crypto'
import type { Binding, BoundBy } from '../../../adapters/trust/client-certificate.js'
import { HubError } from '../../../messages/errors.js'
import { newId } from '../../../messages/ids.js'
import type { Operator } from '../../../messages/operator.js'
import type { KeyFacts } from '../../../messages/views/index.js'
import type { Ledger, SecretKind } from '../../../store/ledger.js'
import { hashSecret, newSecret } from '../../base/secrets.js'
import type { RecordAct } from '../recorded.js'

/** @see [createOperator](../operator.ts) */
export interface PartnerKeysParts {
  ledger: Pick<Ledger, 'getPartner' | 'changePartner' | 'secrets' | 'putSecret' | 'findBySecret' | 'revokeSecret'>
  recorded: RecordAct
  /** Whoever remembers partners forgets them; what a revoked key holds open ends. */
  partnersChanged: () => Promise<void>
  /**
   * What is kept of a certificate that is to open the door. Throws HUB_REQUEST_INVALID.
   * @see [certificateBinding](../../boot/tls.ts)
   */
  certificateBinding: (pem: string, by: BoundBy) => Binding
  now: () => Date
}

/** As `ssh-keygen -l` writes it. */
const fingerprint = (line: string) =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`
const comment = (line: string) => line.trim().split(/\s+/).slice(2).join(' ')

/** A key is shown once, by the call that makes it. */
export function createPartnerKeys({ ledger, recorded, partnersChanged, certificateBinding, now }: PartnerKeysParts) {
  return {
    /**
     * Keys, passwords and public keys: what they are called, never what they are. Undefined when there is no such
     * partner.
     */
    async keys(partnerId: string): Promise<KeyFacts[] | undefined> {
      const known = await ledger.getPartner(partnerId)
      if (!known) return undefined
      const secrets = await ledger.secrets(partnerId)
      return [
        ...secrets.map(({ secretId, createdAt, lastUsedAt, expiresAt, ...more }) => ({
          id: secretId,
          ...more,
          createdAt: createdAt.toISOString(),
          ...(lastUsedAt ? { lastUsedAt: lastUsedAt.toISOString() } : {}),
          ...(expiresAt ? { expiresAt: expiresAt.toISOString(), expired: expiresAt <= now() } : {}),
        })),
        ...known.sshKeys.map((line) => ({ id: fingerprint(line), kind: 'ssh' as const, label: comment(line) })),
      ]
    },
    async newSecret(
      partnerId: string,
      { kind, label, expiresAt }: { kind: SecretKind; label: string; expiresAt?: Date | undefined },
      by: Operator,
    ): Promise<{ id: string; secret: string } | undefined> {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const secret = newSecret(kind)
      const id = newId('key')
      const detail = { kind, label, id, ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}) }
      await recorded({ by, action: 'partner.key', target: partnerId, detail }, async () => {
        await ledger.putSecret({
          partnerId,
          kind,
          sha256: hashSecret(secret),
          label,
          secretId: id,
          ...(expiresAt ? { expiresAt } : {}),
        })
        return true
      })
      await partnersChanged()
      return { id, secret }
    },
    /**
     * Lets a certificate in beside the keys. By fingerprint it opens until it ends by itself.
     * @throws HubError HUB_REQUEST_INVALID
     */
    async newCertificate(
      partnerId: string,
      { pem, by: boundBy, label, expiresAt }: { pem: string; by: BoundBy; label: string; expiresAt?: Date | undefined },
      by: Operator,
    ) {
      if (!(await ledger.getPartner(partnerId))) return undefined
      const { sha256, facts } = certificateBinding(pem, boundBy)
      const ends = expiresAt ?? (boundBy === 'fingerprint' ? facts.validTo : undefined)
      if (ends !== undefined && ends <= now())
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: `/certificate: it ended on ${ends.toISOString()}`,
          detailZh: `/certificate：证书已于 ${ends.toISOString()} 到期`,
        })
      const owner = await ledger.findBySecret('certificate', sha256)
      if (owner)
        throw new HubError('HUB_REQUEST_INVALID', {
          detail: '/certificate: it is registered already',
          detailZh: '/certificate：该证书已登记',
        })
      const id = newId('key')
      const told = {
        id,
        by: boundBy,
        subject: facts.subject,
        issuer: facts.issuer,
        ...(boundBy === 'fingerprint' ? { fingerprint: facts.fingerprint } : {}),
        ...(ends ? { expiresAt: ends.toISOString() } : {}),
      }
      await recorded({ by, action: 'partner.certificate', target: partnerId, detail: { ...told, label } }, async () => {
        const named = [label, facts.subject, boundBy === 'subject' ? 'by subject' : facts.fingerprint.slice(0, 16)]
        await ledger.putSecret({
          partnerId,
          kind: 'certificate',
          sha256,
          label: named.filter(Boolean).join(' · '),
          secretId: id,
          ...(ends ? { expiresAt: ends } : {}),
        })
        return true
      })
      await partnersChanged()
      return told
    },

    /** From now on it opens nothing, and what it holds open ends. False when the partner has no key of this id. */
    async revokeKey(partnerId: string, id: string, by: Operator): Promise<boolean> {
      const known = await ledger.getPartner(partnerId)
      const ssh = known?.sshKeys.some((line) => fingerprint(line) === id)
      const detail = { id, kind: ssh ? 'ssh' : 'secret' }
      const revoked = await recorded({ by, action: 'partner.revoke', target: partnerId, detail }, async () => {
        if (!ssh) return ledger.revokeSecret(partnerId, id)
        await ledger.changePartner(partnerId, (old) => ({
          ...old!,
          sshKeys: old!.sshKeys.filter((line) => fingerprint(line) !== id),
        }))
        return true
      })
      if (revoked) await partnersChanged()
      return revoked
    },
  }
}
