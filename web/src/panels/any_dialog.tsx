/** The dialog that was asked for. */

import { ExportDialog } from "./export";
import { FreezeDialog } from "./freeze";
import { HelpDialog } from "./help";
import type { DialogName, PageState } from "./state";
import { StructureForm } from "./structure";
import { UnsentDialog } from "./unsent";

export function AnyDialog({ page, asked }: { page: PageState; asked: DialogName }) {
  switch (asked.name) {
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
      return <StructureForm page={page} asked={asked} />;
  }
}
