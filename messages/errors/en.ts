// en — what each code says and what to do about it, in plain English: subject first, one clause a sentence.
import type { ErrorCode, Sentences } from './codes.js'

/** What each code says in English. */
export const en = {
  // taken
  HUB_ACCEPTED: {
    text: 'The message is accepted. It will be submitted to its agency.',
    remedy: 'Wait for the business receipts.',
  },
  HUB_VALID: {
    text: 'The message passed the checks. Nothing was recorded or submitted.',
    remedy: 'Send it with POST /v1/messages.',
  },
  HUB_SUBSCRIBED: {
    text: 'You are subscribed to notices of {operation} about {subject}. You have {count} subscriptions.{waiting}',
    remedy: 'Wait for the notices. To unsubscribe, send the same subscription with FunctionCode 1.',
  },
  HUB_UNSUBSCRIBED: {
    text: 'You are no longer subscribed to notices of {operation} about {subject}. You have {count} subscriptions.',
    remedy: 'No action is needed.',
  },

  // the call
  HUB_UNAUTHENTICATED: {
    text: 'The key is missing or wrong.',
    remedy: 'Send a valid key in Authorization: Bearer.',
  },
  HUB_FORBIDDEN: {
    text: 'This key has no right to do this.',
    remedy: 'Ask the operator for the right.',
  },
  HUB_TOKEN_EXPIRED: {
    text: 'The token has expired.',
    remedy: 'Get a new one at /oauth2/token.',
  },
  HUB_ADDRESS_FORBIDDEN: {
    text: 'You may not call from address {address}.',
    remedy: 'Call from a registered address, or ask the operator to add this one to `addresses`.',
  },
  HUB_CERTIFICATE_REQUIRED: {
    text: 'Your connections must show a registered client certificate.',
    remedy: 'Connect with the registered certificate. Ask the operator to register a new one first.',
  },
  HUB_TLS_ONLY: {
    text: 'This port speaks TLS only.',
    remedy: 'Use https:// in the address.',
  },
  HUB_ROLE_FORBIDDEN: {
    text: 'The role of your account ({role}) does not allow this; it needs: {needed}.',
    remedy: 'Ask an admin to do it, or to change the role with `hub operator role`.',
  },
  HUB_PERSONS_HIDDEN: {
    text: 'The content holds personal data, or may hold it, and the hub cannot hide only that part.',
    remedy:
      'If you must see it: an operator or admin calls with `reveal=true` and a `reason` (`hub … --reveal ' +
      '--reason`). The audit keeps who looked and why.',
  },
  HUB_SIGN_IN_FAILED: {
    text: 'Not signed in: name, password or code is wrong.',
    remedy:
      'Check name, password and the current code of your device; each code works once. If it still fails, ask an ' +
      'admin for `hub operator reset`.',
  },
  HUB_WELCOME_OVER: {
    text: 'This link is unknown, already used or expired.',
    remedy: 'Ask an admin for a new link: `hub operator reset`.',
  },
  HUB_PASSWORD_WRONG: {
    text: 'The old password is wrong.',
    remedy: 'Type the password you sign in with now. If you do not know it, ask an admin for `hub operator reset`.',
  },
  HUB_PASSWORD_WEAK: {
    text:
      'The password is too weak: it needs at least 12 characters, not the name of the account, and no common ' +
      'password.',
    remedy: 'Choose a longer one, such as several unrelated words.',
  },
  HUB_OIDC_FAILED: {
    text: 'The sign-in by the identity provider failed: {detail}',
    remedy: 'Begin again at /monitor/sign-in; if it fails again, ask an admin to check `operators.oidc`.',
  },
  HUB_OPERATOR_EXISTS: {
    text: 'The account {name} already exists.',
    remedy: 'Choose another name, or change the existing account: `hub operator role`, `enable`, `reset`.',
  },
  HUB_LAST_ADMIN: {
    text: '{name} is the last admin who can sign in.',
    remedy: 'First make sure that another admin can sign in.',
  },
  HUB_APPROVAL_OWN: {
    text: 'You cannot approve your own act.',
    remedy: 'Ask another person with the right role (`hub approvals`).',
  },
  HUB_CROSS_SITE: {
    text: "The call comes from another site's page, or the browser opens this address as a page.",
    remedy: 'Use the page at /monitor, or a program with a key (the `hub` command, curl).',
  },
  HUB_OPERATION_FORBIDDEN: {
    text: 'You may not use operation {operation}.',
    remedy: 'Ask the operator for the right to this operation.',
  },
  HUB_COMPANY_FOREIGN: {
    text: '{path} names company {value}. You may not file for it.',
    remedy:
      'Check the code. If it is your company or your client, ask the operator to add it to `companies`. Or ask ' +
      'that company to let you file for it: `PUT /v1/agents`.',
  },
  HUB_COMPANY_WARNING: {
    text:
      'Note: {path} names company {value}. It is not registered as a company you file for. ' +
      'The message is accepted.',
    remedy: 'Ask the operator to add the company to `companies`. With `require` the hub refuses such a message.',
  },
  HUB_NOT_FOUND: {
    text: 'Not found.',
    remedy: 'Check the address and the id. You see only what is your own.',
  },
  HUB_OPS_NOT_FOUND: {
    text: 'No {what} found, or its state does not allow this.',
    remedy:
      '`hub dead`, `unclear`, `held`, `orphan`, `agency list` and `partner list` show what exists. `hub trace` ' +
      'shows the way of one message.',
  },
  HUB_REQUEST_INVALID: {
    text: 'The request does not fit the interface: {detail}',
    remedy: 'See the interface at /docs.',
  },
  HUB_MEDIA_TYPE: {
    text: 'Media type {value} is not accepted.',
    remedy: 'Use one of: {taken}.',
  },
  HUB_METHOD: {
    text: 'This address does not support {method}.',
    remedy: 'Use one of: {allowed}.',
  },
  HUB_ATTACHMENT_UNCLEAR: {
    text: 'Several messages came with attachments. The hub cannot tell which message an attachment belongs to.',
    remedy: 'Send each message that has attachments by itself.',
  },
  HUB_ATTACHMENT_MISSING: {
    text: 'The message names the file {value}. The file did not come with it.',
    remedy:
      'Send the file in one zip with the message, or as a part of the same multipart. For a declaration you can ' +
      'send it later with DecEdocMessage.',
  },
  HUB_RATE_LIMITED: {
    text: 'Too many calls.',
    remedy: 'Wait as Retry-After says, then try again.',
  },

  HUB_SUBSCRIPTIONS_FULL: {
    text: 'You have {limit} subscriptions. That is the limit.',
    remedy: 'End those you no longer need, or ask the operator to subscribe you to the whole operation.',
  },
  HUB_GRANTS_FULL: {
    text: 'You have given {limit} grants. That is the limit.',
    remedy: 'Revoke those that have expired or are no longer needed (DELETE /v1/grants).',
  },

  // the interchange
  HUB_EMPTY: {
    text: 'The content is empty.',
    remedy: 'Check that the sender wrote the file.',
  },
  HUB_TOO_LARGE: {
    text: 'Larger than the limit of {limit} bytes.',
    remedy: 'Split it and send the parts.',
  },
  HUB_FILE_NAME: {
    text: 'The file name cannot be used: over {limit} bytes, a backslash, a control character, or not UTF-8.',
    remedy: 'Rename the file and put it into OutBox again. A Chinese character takes 3 bytes.',
  },
  HUB_TOO_MANY: {
    text: 'More than {limit} messages in one delivery (an attachment or an empty interchange counts as one).',
    remedy: 'Send them in several files.',
  },
  HUB_TOO_DEEP: {
    text: 'Elements are nested deeper than {limit} levels.',
    remedy: 'Check the structure.',
  },
  HUB_ENCODING: {
    text: 'The bytes are not in the declared encoding {value}.',
    remedy: 'Use UTF-8, GBK or GB18030 and declare what you use.',
  },
  HUB_ENCODING_UNKNOWN: {
    text: 'The declared encoding {value} is not known.',
    remedy: 'Declare UTF-8, GBK or GB18030.',
  },
  HUB_SYNTAX_UNKNOWN: {
    text: 'The hub cannot read this syntax. It is not XML.',
    remedy:
      'Send XML, an EDIFACT interchange (UNB to UNZ), a port flat file (it begins with 00:), JSON of a form, or a zip.',
  },
  HUB_XML_NOT_WELL_FORMED: {
    text: 'Not well-formed XML: {en}.',
    remedy: 'Correct the line and send again.',
  },
  HUB_XML_DOCTYPE: {
    text: 'DOCTYPE, entities and XInclude are not allowed.',
    remedy: 'Remove the DOCTYPE declaration.',
  },
  HUB_ZIP_INVALID: {
    text: 'The zip cannot be read: {detail}',
    remedy: 'Make the zip again.',
  },
  HUB_ZIP_UNSAFE: {
    text: 'The zip is unsafe: {detail}',
    remedy: 'Put only the message and its attachments into the zip, without paths.',
  },
  HUB_ZIP_NO_MESSAGE: {
    text: 'The zip holds no XML message of its own base name.',
    remedy: '<name>.zip must hold <name>.xml.',
  },

  // identification
  HUB_DOCUMENT_UNKNOWN: {
    text: 'No document type has root {root} in namespace {namespace}.',
    remedy: 'GET /v1/catalogue lists what you can send.',
  },
  HUB_JSON_DOCUMENT: {
    text:
      'This JSON is not a document. It must have exactly one member, named as the document (such as ' +
      'DualUseLicenceApplication). It has: {found}.',
    remedy:
      'GET /v1/catalogue names the documents. Send those that an authority has published (DecMessage, CEB621Message ' +
      '…) as XML.',
  },
  HUB_DOCUMENT_RECEIPT: {
    text: '{receipt} is a receipt of the agency. It cannot be filed ({en}).',
    remedy: 'Do not send receipts. To file, send a message that declares or applies.',
  },
  HUB_DOCUMENT_NAMESPACE: {
    text: 'Root {root} must be in namespace {expected}, not {namespace}.',
    remedy: 'Correct xmlns and send again.',
  },
  HUB_DOCUMENT_VARIANT: {
    text: '{root} with {facts} belongs to no operation. Allowed: {allowed}.',
    remedy: 'Check message type and function code.',
  },
  HUB_OPERATION_UNKNOWN: {
    text: 'The catalogue has no operation {operation}.',
    remedy: 'See GET /v1/catalogue.',
  },
  HUB_OPERATION_MISMATCH: {
    text: 'The message does not belong to the named operation {operation}; it could be {candidates}.',
    remedy: 'Correct X-Operation or the content.',
  },
  HUB_OPERATION_AMBIGUOUS: {
    text: 'The message fits several operations: {candidates}.',
    remedy: 'Name one in X-Operation.',
  },
  HUB_OPERATION_NOTICE: {
    text: '{candidates} is a notice: the agency sends it, partners receive it.',
    remedy: 'Subscribe with POST /v1/subscriptions.',
  },
  HUB_OPERATION_PLANNED: {
    text: 'Operation {operation} is planned. It is not open yet.',
    remedy:
      'The hub cannot file it yet. Use the Single Window web pages. `hub catalogue` and GET /v1/catalogue list ' +
      'what works.',
  },
  HUB_REFERENCE_MISSING: {
    text: 'The reference {path} is missing.',
    remedy: 'Fill it in and send again.',
  },
  HUB_REFERENCE_CONFLICT: {
    text: 'Reference {reference} was already used by message {messageId} with other content.',
    remedy: 'Use a new reference, or send the first content again.',
  },

  // the check (one per kind of rule an XSD can break)
  HUB_SCHEMA_VIOLATION: {
    text: 'The message did not pass the checks. Faults: {count}.',
    remedy: 'Correct every fault listed and send again.',
  },
  HUB_XSD_ELEMENT_UNEXPECTED: {
    text: 'Element {element} is not expected here: {en}.',
    remedy: 'Check element names and order.',
  },
  HUB_XSD_ELEMENT_MISSING: {
    text: '{element} lacks {expected}.',
    remedy: 'Add the required element.',
  },
  HUB_XSD_ATTRIBUTE_MISSING: {
    text: 'Element {element} lacks attribute {attribute}.',
    remedy: 'Add the required attribute.',
  },
  HUB_XSD_ATTRIBUTE_UNEXPECTED: {
    text: 'Element {element} may not have attribute {attribute}.',
    remedy: 'Remove the attribute.',
  },
  HUB_XSD_LENGTH: {
    text: '{element} is {actual} long; the rule is {rule}.',
    remedy: 'Use the allowed length.',
  },
  HUB_XSD_ENUMERATION: {
    text: "{element} holds '{value}', which is not one of {allowed}.",
    remedy: 'Use a value of the code list.',
  },
  HUB_XSD_PATTERN: {
    text: "{element} holds '{value}'; it must be {en}.",
    remedy: 'Use the allowed form.',
  },
  HUB_XSD_RANGE: {
    text: "{element} holds '{value}', outside {rule}.",
    remedy: 'Use a value in the range.',
  },
  HUB_XSD_DIGITS: {
    text: "{element} holds '{value}', too many digits: {rule}.",
    remedy: 'Use the allowed number of digits.',
  },
  HUB_XSD_TYPE: {
    text: "{element} holds '{value}'; it must be {en}.",
    remedy: 'Use the data type of the schema.',
  },
  HUB_XSD_FIXED: {
    text: '{element} must be {expected}.',
    remedy: 'Use the fixed value.',
  },
  HUB_XSD_CONTENT: {
    text: '{element} has content that is not allowed: {en}.',
    remedy: 'Correct it as the schema says.',
  },
  HUB_XSD_UNIQUE: {
    text: '{element} repeats a key or refers to none: {en}.',
    remedy: 'Correct the key.',
  },
  HUB_JSON_NOT_WELL_FORMED: {
    text: 'This is not valid JSON: {detail}',
    remedy: 'Correct it at the line and column shown.',
  },
  HUB_JSON_STRUCTURE: {
    text: '{pointer} must be {en}.',
    remedy: 'Build it as the JSON Schema of the form says.',
  },
  HUB_JSON_UNKNOWN: {
    text: '{parent} has no field {element}.',
    remedy: 'Check the name; the JSON Schema of the form has all of them.',
  },
  HUB_RULE_REQUIRED: {
    text: '{element} is missing or blank.',
    remedy: 'Fill it in as the rule says.',
  },
  HUB_RULE_KNOWN: {
    text: "{element} '{value}' is not in any {document} that you filed through the hub, nor in an answer to one.",
    remedy: 'Check the number. If it was filed or issued outside the hub, ignore this.',
  },
  HUB_RULE_FORBIDDEN: {
    text: '{element} may not be filled in.',
    remedy: 'Remove it as the rule says.',
  },
  HUB_RULE_VALUE: {
    text: "{element} holds '{value}'; the rule is {expected}.",
    remedy: 'Use what the rule allows.',
  },
  HUB_RULE_UNIQUE: {
    text: "{element} holds '{value}' more than once.",
    remedy: 'Use a different value for each.',
  },
  HUB_RULE_SEQUENCE: {
    text: "{element} holds '{value}'; in sequence it should be {expected}.",
    remedy: 'Number from 1 without gaps.',
  },
  HUB_RULE_LIMIT: {
    text: '{element} occurs {count} times; at most {limit} are allowed.',
    remedy: 'Split it and send the parts.',
  },
  HUB_RULE_SUM: {
    text: "{element} holds '{value}'; the sum of its parts is {expected}.",
    remedy: 'Check the total and its parts.',
  },
  HUB_RULE_EQUAL: {
    text: "{element} holds '{value}' but {other} holds '{expected}'.",
    remedy: 'Make both the same.',
  },
  HUB_RULE_DIFFER: {
    text: "{element} and {other} both hold '{value}'. The two must differ.",
    remedy: 'Compare the two.',
  },
  HUB_RULE_REFERS: {
    text: "{element} holds '{value}'; no {other} has this value.",
    remedy: 'Refer to a number that the message lists.',
  },
  HUB_RULE_CHECK_DIGIT: {
    text: "{element} holds '{value}', whose check digit or form is wrong.",
    remedy: 'Compare the number and its check digit.',
  },
  HUB_SIGNATURE_MISSING: {
    text: 'The signature {element} is missing.',
    remedy: 'Sign it and send it again. If the hub or the client signs, the operator sets agencies.<code>.signs.',
  },
  HUB_SIGNATURE_INVALID: {
    text: 'The signature is not valid: {detail}.',
    remedy:
      'Sign with a registered certificate. Do not change the message afterwards. Ask the operator to register a ' +
      'new certificate first.',
  },
  HUB_SIGNATURE_REQUIRED: {
    text: 'The message is not signed, and the partner’s setting asks for it (signatures: {mode}).',
    remedy: 'Sign it and send it again.',
  },
  HUB_SIGNER_UNAVAILABLE: {
    text:
      'The message cannot be signed now: {detail}. It waits in the hub. The hub signs and sends it when the ' +
      'signer is available again.',
    remedy: 'Operator: `hub signer list` shows signers and agents.',
  },
  HUB_UNSIGNABLE: {
    text: 'The hub cannot sign this message: {detail}.',
    remedy: 'Send it in UTF-8 or GBK, or sign it yourself.',
  },
  HUB_RULE_DATE: {
    text: "{element} holds '{value}'. This date or time does not exist. The form is {expected}.",
    remedy: 'Correct the date or the time.',
  },
  HUB_RULE_ORDER: {
    text: "{element} holds '{value}'. It must be {operator} {expected}.",
    remedy: 'Compare the two.',
  },
  HUB_FAULT_LIMIT: {
    text: 'There are more than {limit} faults. The others are not listed.',
    remedy: 'Correct the listed faults first.',
  },

  // EDIFACT (messages/edifact/syntax-errors.ts ties each to the codes of data element 0085)
  HUB_EDI_SYNTAX: {
    text: 'The EDIFACT syntax is broken at {place}.',
    remedy: 'Check service characters, segment terminators and the syntax level.',
  },
  HUB_EDI_ENVELOPE: {
    text: 'The EDIFACT envelope (UNB, UNG, UNH and their trailers) is wrong at {place}.',
    remedy: 'Check references, counts, parties and message type.',
  },
  HUB_EDI_CHARACTER: {
    text: '{place} holds characters outside the character set.',
    remedy: 'Use the character set UNB names, or have the operator set yours.',
  },
  HUB_EDI_VALUE: {
    text: "{place} holds '{value}', which is not valid.",
    remedy: 'Use a value or code of the directory.',
  },
  HUB_EDI_MISSING: {
    text: '{place} is missing.',
    remedy: 'Add the mandatory segment, element or component.',
  },
  HUB_EDI_UNEXPECTED: {
    text: '{place} is not expected here.',
    remedy: 'Check the order of segments against the branching diagram of the message.',
  },
  HUB_EDI_TOO_MANY: {
    text: '{place} occurs too often.',
    remedy: 'Keep to the repetitions that the directory allows.',
  },
  HUB_EDI_TYPE: {
    text: "{place} holds '{value}', whose characters are of the wrong type.",
    remedy: 'Keep to the type of the element: a, n or an.',
  },
  HUB_EDI_REFUSED: {
    text: 'Faults in the EDIFACT interchange or message: {count}.',
    remedy: 'Correct what the CONTRL or the faults say and send again.',
  },
  HUB_EDI_TEST: {
    text: 'This is a test interchange (UNB 0035=1). It is correct. It was not filed.',
    remedy: 'Remove the test indicator to file it.',
  },
  HUB_EDI_ANSWER: {
    text: '{root} answers a message. It cannot be filed.',
    remedy: 'No action is needed. To file, send a message that declares or applies.',
  },
  HUB_EDI_LENGTH: {
    text: "{place} holds '{value}', whose length is wrong.",
    remedy: 'Keep to the length of the element.',
  },

  // port flat files (messages/flatfile)
  HUB_FLAT_SYNTAX: {
    text: 'The syntax is broken at {place} ({rule}).',
    remedy: "Check the record terminator ', the separator : and the release character ?.",
  },
  HUB_FLAT_CHARSET: {
    text: 'The encoding is wrong at {place}: the whole file is GBK or UTF-8, never both.',
    remedy: 'Export the file again in one encoding.',
  },
  HUB_FLAT_MESSAGE: {
    text: "{place} names message type '{value}', which has no record table.",
    remedy: 'Check the message type of record 00, or have the operator add a table.',
  },
  HUB_FLAT_COUNT: {
    text: "{place} counts '{value}' records, which is not what the file holds ({rule}).",
    remedy: 'Give the number of records, 00 and 99 included; if the file was cut off, send it again.',
  },
  HUB_FLAT_MISSING: {
    text: '{place} is missing.',
    remedy: 'Add the mandatory record or field.',
  },
  HUB_FLAT_UNEXPECTED: {
    text: '{place} is not expected here.',
    remedy: 'Check the order of records and the number of fields against the record structure.',
  },
  HUB_FLAT_TOO_MANY: {
    text: '{place} occurs too often ({rule}).',
    remedy: 'Keep to the repetitions that the record structure allows.',
  },
  HUB_FLAT_VALUE: {
    text: "{place} holds '{value}', which is not valid ({rule}).",
    remedy: 'Use a code or date of the record table.',
  },
  HUB_FLAT_FORMAT: {
    text: "{place} holds '{value}', which is not a number of the form {rule}.",
    remedy: 'Write a number as 9(n) or 9(n).9(m) says.',
  },
  HUB_FLAT_LENGTH: {
    text: "{place} holds '{value}', which is too long ({rule}).",
    remedy: 'Keep to the length of the field.',
  },

  // one form made into another (messages/mapping)
  HUB_MAP_DATE: {
    text: "'{value}' is not a date of format {format}.",
    remedy: 'Write the date by its format code (2379).',
  },
  HUB_MAP_MISSING: {
    text: '{place} lacks {rule}. {target} cannot be made without it.',
    remedy: 'Add it, or send the target document itself.',
  },
  HUB_MAP_CODE: {
    text: "{place} holds '{value}'; the code table has no counterpart ({rule}).",
    remedy: 'Use a code that has a counterpart.',
  },
  HUB_MAP_LOST: {
    text: "{place} holds '{value}'. {target} has no field for it, and the hub drops nothing.",
    remedy: 'Remove it, or send the target document itself.',
  },

  // the hub itself
  HUB_LEDGER_UNAVAILABLE: {
    text: 'The ledger cannot be read or written. No message was accepted.',
    remedy:
      'Keep the message and send it again. Operators: `hub doctor` says why; the hub goes on by itself, ' +
      'without a restart.',
  },
  HUB_PAYLOADS_UNAVAILABLE: {
    text: 'The object store cannot be reached ({detail}). The message was not accepted or sent.',
    remedy: 'Keep the message and send it again. Operators: check the object store.',
  },
  HUB_CHECK_UNAVAILABLE: {
    text: 'The checker is not available. The message was not accepted.',
    remedy: 'Keep the message and send it again.',
  },
  HUB_QUERIES_FULL: {
    text: 'Too many queries are running. Filings are not affected.',
    remedy: 'Ask again after Retry-After seconds.',
  },
  HUB_FULL: {
    text: 'The hub is full and accepts no new messages for now: {detail}',
    remedy: 'Keep the message and send it again after Retry-After.',
  },
  HUB_MEMORY_BUSY: {
    text: 'The memory for messages is full. The message was not accepted.',
    remedy: 'Keep the message and send it again after Retry-After. Send fewer large messages at one time.',
  },
  HUB_DRAINING: {
    text: 'The hub is finishing its work and accepts no new messages.',
    remedy: 'Keep the message and send it again after Retry-After.',
  },
  HUB_CONTENT_DELETED: {
    text: 'The bytes of this message were deleted on {at} by the retention rules. Its record and receipts are kept.',
    remedy: 'Look in your own archive.',
  },
  HUB_RESULT_DELETED: {
    text: 'Answers to queries are kept for some days only (retention.queryDays). This one was deleted.',
    remedy: 'Send the query again.',
  },
  HUB_ARCHIVE_UNREADABLE: {
    text: 'The bytes of this message are in the archive file {file}. The file cannot be read now: {detail}',
    remedy: 'Ask the operator to mount the archive (retention.archive) or to restore the file.',
  },
  HUB_ARCHIVE_UNWRITABLE: {
    text: 'The archive cannot be written: {detail}. The bytes stay in the ledger.',
    remedy: 'Mount the archive (retention.archive). Check its rights and free space.',
  },
  HUB_NOT_ENCRYPTED: {
    text: 'The ledger is not encrypted: hub.yaml has no `encryption`, or `encryption.cipher` is none.',
    remedy: 'Set `encryption.key` in hub.yaml and start the hub again.',
  },
  HUB_RETENTION_OFF: {
    text: 'No retention is set. Everything is kept.',
    remedy: 'Set retention.days in hub.yaml.',
  },
  HUB_BACKUP_RUNNING: {
    text: 'A backup is already running.',
    remedy: 'Wait until it is done.',
  },
  HUB_BACKUP_NO_ROOM: {
    text: 'The disk has {free} MB free. A copy of the ledger takes {needed} MB, and {least} MB must stay free.',
    remedy:
      'Make room on the disk of the data folder: move older copies in backups/ to another machine. ' +
      'Or stop the hub and copy ledger.db to another disk.',
  },
  HUB_BACKUP_ELSEWHERE: {
    text: 'The ledger is in PostgreSQL. The hub makes no copy of it.',
    remedy: 'Back it up with the tools of PostgreSQL (pg_basebackup, pg_dump): docs/postgresql.md.',
  },
  HUB_STOPPING: {
    text: 'The hub is stopping. The message was not accepted.',
    remedy: 'Send it again later.',
  },
  HUB_INTERNAL: {
    text: 'The hub has an internal error.',
    remedy: 'Try again. If it happens again, give the operator the request id.',
  },

  // what an agency says first
  HUB_NOTICE: {
    text: 'Notice {operation}.',
    remedy: 'Its content is in the body of the receipt.',
  },

  HUB_WEBHOOK_DISABLED: {
    text: 'Your webhook was disabled: {detail}. Receipts wait in the mailbox.',
    remedy: 'Repair the webhook. Ask the operator to enable it. Then call POST /v1/receipts/replay.',
  },

  // the way to the agency
  HUB_SUBMITTED: {
    text: 'Delivered to {agency}.',
    remedy: 'Wait for the business receipts.',
  },
  HUB_HELD: {
    text: 'Held: the original {reference} was refused, so this change or deletion is not sent.',
    remedy: 'Send a corrected original, or ask the operator to release it.',
  },
  HUB_GIVEN_UP: {
    text: 'An operator gave up sending this message to {agency}.',
    remedy: 'Before you file again, ask the operator why, and whether the agency has it.',
  },
  HUB_QUERY_EXPIRED: {
    text: '{agency} did not answer the query in time.',
    remedy: 'Ask again later.',
  },
  HUB_QUERY_REFUSED: {
    text: '{agency} refused to answer the query: {detail}.',
    remedy: 'Check the criteria. If they are right, ask the operator.',
  },
  HUB_QUERY_FAILED: {
    text: 'The query is no longer stored. It cannot be answered.',
    remedy: 'Ask again.',
  },
  HUB_QUERY_NONE: {
    text: 'Operation {operation} is not an available query.',
    remedy: 'GET /v1/queries lists the available queries.',
  },
  HUB_QUERY_CRITERION: {
    text: 'A criterion is wrong: {detail}',
    remedy:
      'Use the criteria and formats that GET /v1/queries/{operation}/criteria lists ' +
      '(command line: hub query {operation} --criteria).',
  },
  HUB_AGENCY_UNAVAILABLE: {
    text: 'The agency cannot be reached. The message was not sent, so a retry cannot file it twice.',
    remedy: 'The hub tries again by itself.',
  },
  HUB_AGENCY_BUSY: {
    text: 'The agency is busy and did not accept the message.',
    remedy: 'The hub tries again by itself.',
  },
  HUB_AGENCY_TIMEOUT: {
    text: 'The message was sent. No answer came. A status query or a person decides.',
    remedy: 'Wait for the operator to check.',
  },
  HUB_AGENCY_CUT: {
    text: 'The connection broke while sending.',
    remedy: 'Wait for the operator to check.',
  },
  HUB_BYTES_DAMAGED: {
    text: 'The stored bytes of message {messageId} are damaged. They are not used.',
    remedy: 'Ask the operator to restore a backup and replay the message, or file it again with a new reference.',
  },
  HUB_RECEIPT_FILE_MISSING: {
    text: 'The receipt names the file {name}, but the file did not come with it.',
    remedy: 'The rest of the receipt is valid. Ask the agency for the file, or ask the operator.',
  },
  HUB_RECEIPT_FILE_DAMAGED: {
    text: 'The stored bytes of the file {name} are damaged. They are not given out.',
    remedy: 'Ask the operator to restore a backup, or the agency to send the receipt again.',
  },
  HUB_KEY_IN_USE: {
    text: 'The number {value} is already in process at {agency}. The hub does not accept a second message with it.',
    remedy: 'Use another number and send again. If the number is yours, ask the operator.',
  },
  HUB_AGENCY_FOREIGN: {
    text: 'The message was sent. The answer comes from a firewall, a gateway or a login page, not from the agency.',
    remedy: 'Wait for the operator to check. `hub agency test` shows how an answer is read.',
  },
  HUB_AGENCY_DUPLICATE: {
    text: 'The agency already has this message, and this hub did not send it: {detail}',
    remedy: 'Check whether it was filed in another way. To file again, use another number.',
  },
  HUB_AGENCY_REFUSED: {
    text: 'The agency refused the message: {detail}',
    remedy: 'Correct it as the agency says and send again.',
  },
  HUB_IMPORT_FAILED: {
    text: 'The Single Window client of {agency} could not import the message.',
    remedy: 'Correct what the body of the receipt says and send again. If it says nothing, ask the operator.',
  },
  HUB_ANSWER_UNREAD: {
    text: '{agency} answered in a form the hub does not know. The answer is in the body.',
    remedy: 'Read the body of the receipt.',
  },
  HUB_AGENCY_UNCONFIGURED: {
    text: 'No connector is configured for agency {agency}.',
    remedy: 'The hub sends the message when the operator has configured one.',
  },
  HUB_ATTEMPTS_EXHAUSTED: {
    text: 'All attempts failed. A person looks at it.',
    remedy: 'Ask the operator.',
  },
  HUB_RESTORED: {
    text: 'The message was waiting when the backup was made. The hub does not know whether it was sent later.',
    remedy: 'Wait for the operator to check.',
  },
  HUB_INTERRUPTED: {
    text: 'The hub was interrupted while sending. The result is not known.',
    remedy: 'Wait for the operator to check.',
  },
} as const satisfies Record<ErrorCode, Sentences>
