/** The dialog that is open, if any. */

import { Later } from "./later";
import type { PageState } from "./state";
import { useChanges } from "./watch";

export function Dialogs({ page }: { page: PageState }) {
  useChanges(page);
  const { dialog } = page.choices;
  return dialog && <Later page={page} draw={({ AnyDialog }) => <AnyDialog page={page} asked={dialog} />} />;
}
