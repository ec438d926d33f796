import type { AuditTrail } from '../../../ports/driven/audit/audit-trail.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { auditLog } from '../driver/tables.ts'

export const makeAuditTrail = (db: Handle, traceId: () => string | null): AuditTrail => ({
  append: async (entry) => {
    await attempt(db.insert(auditLog).values({ ...entry, traceId: traceId() }))
  },
})
