/** Says that the tray of unsent words holds something; `unsent.tsx` shows it. */

import { PANELS } from "../terms";
import type { PageState } from "./state";
import { useChanges } from "./watch";

/** A bar that stands at the foot of the page as long as the tray holds something. */
export function UnsentBar({ page }: { page: PageState }) {
  useChanges(page);
  const { unsent } = page.session;
  if (unsent.length === 0) return null;
  return (
    <div class="unsent-bar" role="status">
      <span>
        {PANELS.unsent}: {unsent.length === 1 ? "one piece of your text is" : `${unsent.length} pieces of your text are`} not in
        the draft.
      </span>
      <button type="button" onClick={() => page.choose({ dialog: { name: "unsent" } })}>
        Show
      </button>
    </div>
  );
}
