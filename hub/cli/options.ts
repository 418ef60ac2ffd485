// options — options that many commands have, and what is printed for an empty list.

export const jsonOption = ['--json', 'print JSON'] as const

export const whyOption = ['-w, --why <reason>', 'kept in the audit'] as const

export const nothing = 'nothing 没有'
