/** A meeting is under way: the delegation marks itself as there. That somebody is connected says nothing of who takes part (I9). */

import { useState } from "preact/hooks";
import { SITTING } from "../table_terms";
import { isExpert } from "./powers";
import type { PageState } from "./state";
import { usePage } from "./watch";

export function SittingLine({ page }: { page: PageState }) {
  usePage(page);
  const [put, putOff] = useState("");
  const { sitting } = page.facts.record.opinion;
  const { delegation } = page.who;
  const speaks = isExpert(page.who) && page.bootstrap.member.voice && !page.stage.closed;
  if (!sitting || !speaks || sitting.present.includes(delegation) || put === sitting.name) return null;
  return (
    <section class="call-bars sitting-line" aria-label="Attendance">
      <p class="call-bar">
        <span>
          <b>
            <bdi>{sitting.name}</bdi>
          </b>{" "}
          {SITTING.underWay}
        </span>
        <span class="call-buttons">
          <button
            type="button"
            class="small-button"
            disabled={!page.stage.connected}
            onClick={() => void page.run({ act: "mark_present", delegations: [delegation] })}
          >
            {SITTING.mark}
          </button>
          <button type="button" class="plain small" onClick={() => putOff(sitting.name)}>
            {SITTING.later}
          </button>
        </span>
      </p>
    </section>
  );
}
