// function-codes — what stands in Head/FunctionCode of a form's message.

/**
 * Names of functions → what stands in Head/FunctionCode: UN/EDIFACT 1225 where it has the function, else the name
 * itself.
 */
export const functionCodes: Readonly<Record<string, string>> = {
  original: '9',
  replace: '5',
  change: '4',
  delete: '3',
  cancel: '1',
  query: '13',
}

/** What a form calls the function with this code. */
export const functionOf = (code: string): string =>
  Object.entries(functionCodes).find(([, known]) => known === code)?.[0] ?? code
