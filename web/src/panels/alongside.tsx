/** What comes up beside the text by itself: whose words these are, and the bar of a call for objections. */

import { CallBar } from "./call_bar";
import { Provenance } from "./provenance";
import { SittingLine } from "./sitting_line";
import type { PageState } from "./state";
import { Comments } from "./threads";

export function Alongside({ page }: { page: PageState }) {
  return (
    <>
      <Provenance page={page} />
      <SittingLine page={page} />
      <CallBar page={page} />
      <Comments page={page} />
    </>
  );
}
