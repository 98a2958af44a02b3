import type { Integration, Settings } from './integration'

/** The MLLP port of an HL7 v2 integration, as it is being typed. */
export interface PortDraft {
  listen: string
  allow: string
  sendingApplication: string
  sendingFacility: string
  hasTls: boolean
  justification: string
  certificate: string
  /** Write-only: left empty, it stays. */
  privateKey: string
  clientCa: string
  /** Names and keys, one in a line. */
  clients: string
  minVersion: string
}

export function freshPort(): PortDraft {
  return {
    listen: '127.0.0.1:2575', allow: '', sendingApplication: '', sendingFacility: '',
    hasTls: false, justification: '', certificate: '', privateKey: '', clientCa: '', clients: '', minVersion: '1.2',
  }
}

/** What there is, to be changed. */
export function portOf(port: NonNullable<Integration['mllp']>): PortDraft {
  const { tls } = port
  return {
    ...freshPort(),
    listen: port.listen,
    allow: port.allow.join('\n'),
    sendingApplication: port.sendingApplication ?? '',
    sendingFacility: port.sendingFacility ?? '',
    hasTls: Boolean(tls),
    justification: port.justification ?? '',
    certificate: tls?.certificate ?? '',
    clientCa: tls?.clientCa ?? '',
    clients: (tls?.clients ?? []).join('\n'),
    minVersion: tls?.minVersion ?? '1.2',
  }
}

/** The part of the body. */
export function portSettings(draft: PortDraft): NonNullable<Settings['mllp']> {
  return {
    listen: draft.listen.trim(),
    allow: draft.allow.split(/[\s,]+/).filter(Boolean),
    sendingApplication: draft.sendingApplication.trim() || null,
    sendingFacility: draft.sendingFacility.trim() || null,
    tls: draft.hasTls ? tlsOf(draft) : null,
    justification: draft.justification.trim() || null,
  }
}

/** Whether other machines would send in clear. */
export function isInClear(draft: PortDraft): boolean {
  return !draft.hasTls && !/^(127\.|\[::1\])/.test(draft.listen.trim())
}

function tlsOf(draft: PortDraft): NonNullable<NonNullable<Settings['mllp']>['tls']> {
  return {
    certificate: draft.certificate,
    privateKey: draft.privateKey.trim() ? draft.privateKey : undefined,
    clientCa: draft.clientCa.trim() ? draft.clientCa : null,
    clients: draft.clients.split('\n').map((line) => line.trim()).filter(Boolean),
    minVersion: draft.minVersion,
  }
}
