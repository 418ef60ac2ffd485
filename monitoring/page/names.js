// names — what codes mean: operations, agencies and partners by their names, read once.
import { call, latest } from './live.js'
import { one } from './text.js'

/** @type {import('../../messages/views/index.js').NamesView} */
let known = { operations: {}, agencies: {} }
let reading

/** Resolves when the names are there; a page that cannot read them shows codes. */
export const namesRead = () =>
  (reading ??= call('/names').then(
    (names) => void (known = names),
    () => void (reading = undefined),
  ))

/** @param {string} code */
export const operationName = (code) => one(known.operations[code])
/** @param {string} code */
export const agencyName = (code) => one(known.agencies[code]) || code
/** @param {string} id */
export const partnerName = (id) => latest?.partners.find(({ partnerId }) => partnerId === id)?.name ?? ''
export const operations = () => Object.entries(known.operations).map(([code, title]) => [code, one(title)])
export const agencies = () => Object.entries(known.agencies).map(([code, title]) => [code, one(title)])
