// options — options that many commands have, and what is printed for an empty list.

/** What is printed is then for programs, and is what OpenAPI says. */
export const jsonOption = ['--json', 'print JSON'] as const

/** Asked for by everything that changes something. */
export const whyOption = ['-w, --why <reason>', 'kept in the audit'] as const

/** What is printed in place of a table without rows. */
export const nothing = 'nothing 没有'
