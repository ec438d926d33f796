export const ROLES = ['user', 'moderator', 'admin'] as const
export type Role = (typeof ROLES)[number]

const RANK = { user: 0, moderator: 1, admin: 2 } as const satisfies Record<Role, number>

/** True when `role` has at least the rights of `needed`: a moderator has all rights of a user. */
export const isAtLeast = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]
