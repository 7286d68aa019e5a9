/** Whose words the person at this editor may change by typing. */

import type { AmendmentId } from "../model/marks";

/**
 * What an amendment is to the party acted for: `editable`, its words may be retyped and really removed; `fixed`, its own but submitted
 * (or pinned, or decided), so that typing there proposes anew; `foreign`, somebody else's or nobody's known.
 */
export type Standing = "editable" | "fixed" | "foreign";

export interface Authority {
  /** Whether this person may type here, now. */
  readonly mayType: boolean;
  standing(id: AmendmentId): Standing;
  /** A new amendment id of the party acted for; it is `editable` from now on. */
  mint(): AmendmentId;
}
