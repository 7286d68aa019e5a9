/** The dialog that is open, if any. */

import { ExportDialog } from "./export";
import { FreezeDialog } from "./freeze";
import { HelpDialog } from "./help";
import type { PageState } from "./state";
import { StructureForm } from "./structure";
import { UnsentDialog } from "./unsent";
import { useChanges } from "./watch";

export function Dialogs({ page }: { page: PageState }) {
  useChanges(page);
  const { dialog } = page.choices;
  switch (dialog?.name) {
    case undefined:
      return null;
    case "export":
      return <ExportDialog page={page} />;
    case "freeze":
      return <FreezeDialog page={page} />;
    case "help":
      return <HelpDialog page={page} />;
    case "unsent":
      return <UnsentDialog page={page} />;
    case "insert":
    case "retype":
    case "correct":
      return <StructureForm page={page} asked={dialog} />;
  }
}
