// codes — every error code of the hub, with its class and its HTTP status. Its sentences are in zh.ts and en.ts.

/**
 * Retry asks the class, never the state.
 * - `partner`: the message or the call is at fault; the partner mends it and sends again
 * - `transient`: nothing left, or the other side surely did not take it; trying again cannot duplicate
 * - `ambiguous`: bytes left and no answer was seen; only an idempotent agency, a status query or a person decides
 * - `permanent`: trying again would end the same way
 * - `news`: no fault; it says how things stand
 */
export type ErrorClass = 'partner' | 'transient' | 'ambiguous' | 'permanent' | 'news'

/** What a program needs to know of a code. */
export interface CodeEntry {
  class: ErrorClass
  /** HTTP status of a problem+json answer, or of a receipt that carries only this code. */
  status: number
}

/** What a person reads, in one language: `{name}` is filled with a value. */
export interface Sentences {
  /** What is wrong. */
  text: string
  /** What to do. */
  remedy: string
}

/** Every code with its class and its HTTP status. */
export const codes = {
  // taken
  HUB_ACCEPTED: { class: 'news', status: 202 },
  HUB_VALID: { class: 'news', status: 200 },
  HUB_SUBSCRIBED: { class: 'news', status: 202 },
  HUB_UNSUBSCRIBED: { class: 'news', status: 202 },

  // the call
  HUB_UNAUTHENTICATED: { class: 'partner', status: 401 },
  HUB_FORBIDDEN: { class: 'partner', status: 403 },
  HUB_TOKEN_EXPIRED: { class: 'partner', status: 401 },
  HUB_ADDRESS_FORBIDDEN: { class: 'partner', status: 403 },
  HUB_CERTIFICATE_REQUIRED: { class: 'partner', status: 401 },
  HUB_TLS_ONLY: { class: 'partner', status: 400 },
  HUB_ROLE_FORBIDDEN: { class: 'partner', status: 403 },
  HUB_PERSONS_HIDDEN: { class: 'partner', status: 403 },
  HUB_SIGN_IN_FAILED: { class: 'partner', status: 401 },
  HUB_WELCOME_OVER: { class: 'partner', status: 410 },
  HUB_PASSWORD_WRONG: { class: 'partner', status: 403 },
  HUB_PASSWORD_WEAK: { class: 'partner', status: 400 },
  HUB_OIDC_FAILED: { class: 'partner', status: 401 },
  HUB_OPERATOR_EXISTS: { class: 'partner', status: 409 },
  HUB_LAST_ADMIN: { class: 'partner', status: 409 },
  HUB_APPROVAL_OWN: { class: 'partner', status: 403 },
  HUB_CROSS_SITE: { class: 'partner', status: 403 },
  HUB_OPERATION_FORBIDDEN: { class: 'partner', status: 403 },
  HUB_COMPANY_FOREIGN: { class: 'partner', status: 403 },
  HUB_COMPANY_WARNING: { class: 'news', status: 202 },
  HUB_NOT_FOUND: { class: 'partner', status: 404 },
  HUB_OPS_NOT_FOUND: { class: 'partner', status: 404 },
  HUB_REQUEST_INVALID: { class: 'partner', status: 400 },
  HUB_MEDIA_TYPE: { class: 'partner', status: 415 },
  HUB_METHOD: { class: 'partner', status: 405 },
  HUB_ATTACHMENT_UNCLEAR: { class: 'partner', status: 422 },
  HUB_ATTACHMENT_MISSING: { class: 'news', status: 202 },
  HUB_RATE_LIMITED: { class: 'partner', status: 429 },

  HUB_SUBSCRIPTIONS_FULL: { class: 'partner', status: 409 },
  HUB_GRANTS_FULL: { class: 'partner', status: 409 },

  // the interchange
  HUB_EMPTY: { class: 'partner', status: 422 },
  HUB_TOO_LARGE: { class: 'partner', status: 413 },
  HUB_FILE_NAME: { class: 'partner', status: 422 },
  HUB_TOO_MANY: { class: 'partner', status: 413 },
  HUB_TOO_DEEP: { class: 'partner', status: 422 },
  HUB_ENCODING: { class: 'partner', status: 422 },
  HUB_ENCODING_UNKNOWN: { class: 'partner', status: 422 },
  HUB_SYNTAX_UNKNOWN: { class: 'partner', status: 422 },
  HUB_XML_NOT_WELL_FORMED: { class: 'partner', status: 422 },
  HUB_XML_DOCTYPE: { class: 'partner', status: 422 },
  HUB_ZIP_INVALID: { class: 'partner', status: 422 },
  HUB_ZIP_UNSAFE: { class: 'partner', status: 422 },
  HUB_ZIP_NO_MESSAGE: { class: 'partner', status: 422 },

  // identification
  HUB_DOCUMENT_UNKNOWN: { class: 'partner', status: 422 },
  HUB_JSON_DOCUMENT: { class: 'partner', status: 422 },
  HUB_DOCUMENT_RECEIPT: { class: 'partner', status: 422 },
  HUB_DOCUMENT_NAMESPACE: { class: 'partner', status: 422 },
  HUB_DOCUMENT_VARIANT: { class: 'partner', status: 422 },
  HUB_OPERATION_UNKNOWN: { class: 'partner', status: 422 },
  HUB_OPERATION_MISMATCH: { class: 'partner', status: 422 },
  HUB_OPERATION_AMBIGUOUS: { class: 'partner', status: 422 },
  HUB_OPERATION_NOTICE: { class: 'partner', status: 422 },
  HUB_OPERATION_PLANNED: { class: 'partner', status: 422 },
  HUB_REFERENCE_MISSING: { class: 'partner', status: 422 },
  HUB_REFERENCE_CONFLICT: { class: 'partner', status: 409 },

  // the check (one per kind of rule an XSD can break)
  HUB_SCHEMA_VIOLATION: { class: 'partner', status: 422 },
  HUB_XSD_ELEMENT_UNEXPECTED: { class: 'partner', status: 422 },
  HUB_XSD_ELEMENT_MISSING: { class: 'partner', status: 422 },
  HUB_XSD_ATTRIBUTE_MISSING: { class: 'partner', status: 422 },
  HUB_XSD_ATTRIBUTE_UNEXPECTED: { class: 'partner', status: 422 },
  HUB_XSD_LENGTH: { class: 'partner', status: 422 },
  HUB_XSD_ENUMERATION: { class: 'partner', status: 422 },
  HUB_XSD_PATTERN: { class: 'partner', status: 422 },
  HUB_XSD_RANGE: { class: 'partner', status: 422 },
  HUB_XSD_DIGITS: { class: 'partner', status: 422 },
  HUB_XSD_TYPE: { class: 'partner', status: 422 },
  HUB_XSD_FIXED: { class: 'partner', status: 422 },
  HUB_XSD_CONTENT: { class: 'partner', status: 422 },
  HUB_XSD_UNIQUE: { class: 'partner', status: 422 },
  HUB_JSON_NOT_WELL_FORMED: { class: 'partner', status: 422 },
  HUB_JSON_STRUCTURE: { class: 'partner', status: 422 },
  HUB_JSON_UNKNOWN: { class: 'partner', status: 422 },
  HUB_RULE_REQUIRED: { class: 'partner', status: 422 },
  HUB_RULE_KNOWN: { class: 'partner', status: 422 },
  HUB_RULE_FORBIDDEN: { class: 'partner', status: 422 },
  HUB_RULE_VALUE: { class: 'partner', status: 422 },
  HUB_RULE_UNIQUE: { class: 'partner', status: 422 },
  HUB_RULE_SEQUENCE: { class: 'partner', status: 422 },
  HUB_RULE_LIMIT: { class: 'partner', status: 422 },
  HUB_RULE_SUM: { class: 'partner', status: 422 },
  HUB_RULE_EQUAL: { class: 'partner', status: 422 },
  HUB_RULE_DIFFER: { class: 'partner', status: 422 },
  HUB_RULE_REFERS: { class: 'partner', status: 422 },
  HUB_RULE_CHECK_DIGIT: { class: 'partner', status: 422 },
  HUB_SIGNATURE_MISSING: { class: 'partner', status: 422 },
  HUB_SIGNATURE_INVALID: { class: 'partner', status: 422 },
  HUB_SIGNATURE_REQUIRED: { class: 'partner', status: 422 },
  HUB_SIGNER_UNAVAILABLE: { class: 'transient', status: 503 },
  HUB_UNSIGNABLE: { class: 'partner', status: 422 },
  HUB_RULE_DATE: { class: 'partner', status: 422 },
  HUB_RULE_ORDER: { class: 'partner', status: 422 },
  HUB_FAULT_LIMIT: { class: 'partner', status: 422 },

  // EDIFACT (messages/edifact/syntax-errors.ts ties each to the codes of data element 0085)
  HUB_EDI_SYNTAX: { class: 'partner', status: 422 },
  HUB_EDI_ENVELOPE: { class: 'partner', status: 422 },
  HUB_EDI_CHARACTER: { class: 'partner', status: 422 },
  HUB_EDI_VALUE: { class: 'partner', status: 422 },
  HUB_EDI_MISSING: { class: 'partner', status: 422 },
  HUB_EDI_UNEXPECTED: { class: 'partner', status: 422 },
  HUB_EDI_TOO_MANY: { class: 'partner', status: 422 },
  HUB_EDI_TYPE: { class: 'partner', status: 422 },
  HUB_EDI_REFUSED: { class: 'partner', status: 422 },
  HUB_EDI_TEST: { class: 'partner', status: 422 },
  HUB_EDI_ANSWER: { class: 'partner', status: 422 },
  HUB_EDI_LENGTH: { class: 'partner', status: 422 },

  // port flat files (messages/flatfile)
  HUB_FLAT_SYNTAX: { class: 'partner', status: 422 },
  HUB_FLAT_CHARSET: { class: 'partner', status: 422 },
  HUB_FLAT_MESSAGE: { class: 'partner', status: 422 },
  HUB_FLAT_COUNT: { class: 'partner', status: 422 },
  HUB_FLAT_MISSING: { class: 'partner', status: 422 },
  HUB_FLAT_UNEXPECTED: { class: 'partner', status: 422 },
  HUB_FLAT_TOO_MANY: { class: 'partner', status: 422 },
  HUB_FLAT_VALUE: { class: 'partner', status: 422 },
  HUB_FLAT_FORMAT: { class: 'partner', status: 422 },
  HUB_FLAT_LENGTH: { class: 'partner', status: 422 },

  // one form made into another (messages/mapping)
  HUB_MAP_DATE: { class: 'partner', status: 422 },
  HUB_MAP_MISSING: { class: 'partner', status: 422 },
  HUB_MAP_CODE: { class: 'partner', status: 422 },
  HUB_MAP_LOST: { class: 'partner', status: 422 },

  // the hub itself
  HUB_LEDGER_UNAVAILABLE: { class: 'transient', status: 503 },
  HUB_PAYLOADS_UNAVAILABLE: { class: 'transient', status: 503 },
  HUB_CHECK_UNAVAILABLE: { class: 'transient', status: 503 },
  HUB_QUERIES_FULL: { class: 'transient', status: 503 },
  HUB_FULL: { class: 'transient', status: 503 },
  HUB_MEMORY_BUSY: { class: 'transient', status: 503 },
  HUB_DRAINING: { class: 'transient', status: 503 },
  HUB_CONTENT_DELETED: { class: 'permanent', status: 410 },
  HUB_RESULT_DELETED: { class: 'permanent', status: 410 },
  HUB_ARCHIVE_UNREADABLE: { class: 'transient', status: 503 },
  HUB_ARCHIVE_UNWRITABLE: { class: 'transient', status: 503 },
  HUB_NOT_ENCRYPTED: { class: 'permanent', status: 409 },
  HUB_RETENTION_OFF: { class: 'permanent', status: 409 },
  HUB_BACKUP_RUNNING: { class: 'transient', status: 409 },
  HUB_BACKUP_NO_ROOM: { class: 'transient', status: 409 },
  HUB_BACKUP_ELSEWHERE: { class: 'permanent', status: 409 },
  HUB_STOPPING: { class: 'transient', status: 503 },
  HUB_INTERNAL: { class: 'transient', status: 500 },

  // what an agency says first
  HUB_NOTICE: { class: 'news', status: 200 },

  HUB_WEBHOOK_DISABLED: { class: 'news', status: 200 },

  // the way to the agency
  HUB_SUBMITTED: { class: 'news', status: 200 },
  HUB_HELD: { class: 'news', status: 200 },
  HUB_GIVEN_UP: { class: 'permanent', status: 500 },
  HUB_QUERY_EXPIRED: { class: 'permanent', status: 504 },
  HUB_QUERY_REFUSED: { class: 'permanent', status: 502 },
  HUB_QUERY_FAILED: { class: 'permanent', status: 500 },
  HUB_QUERY_NONE: { class: 'partner', status: 404 },
  HUB_QUERY_CRITERION: { class: 'partner', status: 400 },
  HUB_AGENCY_UNAVAILABLE: { class: 'transient', status: 503 },
  HUB_AGENCY_BUSY: { class: 'transient', status: 503 },
  HUB_AGENCY_TIMEOUT: { class: 'ambiguous', status: 504 },
  HUB_AGENCY_CUT: { class: 'ambiguous', status: 502 },
  HUB_BYTES_DAMAGED: { class: 'permanent', status: 500 },
  HUB_RECEIPT_FILE_MISSING: { class: 'partner', status: 404 },
  HUB_RECEIPT_FILE_DAMAGED: { class: 'permanent', status: 500 },
  HUB_KEY_IN_USE: { class: 'partner', status: 409 },
  HUB_AGENCY_FOREIGN: { class: 'ambiguous', status: 502 },
  HUB_AGENCY_DUPLICATE: { class: 'permanent', status: 409 },
  HUB_AGENCY_REFUSED: { class: 'permanent', status: 422 },
  HUB_IMPORT_FAILED: { class: 'permanent', status: 422 },
  HUB_ANSWER_UNREAD: { class: 'news', status: 200 },
  HUB_AGENCY_UNCONFIGURED: { class: 'transient', status: 503 },
  HUB_ATTEMPTS_EXHAUSTED: { class: 'permanent', status: 504 },
  HUB_RESTORED: { class: 'ambiguous', status: 500 },
  HUB_INTERRUPTED: { class: 'ambiguous', status: 500 },
} as const satisfies Record<`HUB_${string}`, CodeEntry>

/** Every code there is. One more is a row here, its sentences in zh.ts and en.ts, and a row in docs/errors.md. */
export type ErrorCode = keyof typeof codes
