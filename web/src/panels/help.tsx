/** Help: how drafting works here, and every key. */

import { PANELS } from "../terms";
import { Dialog } from "./dialog";
import { isExpert, records } from "./powers";
import type { PageState } from "./state";

const KEYS: readonly (readonly [string, string])[] = [
  ["F1", "This help"],
  ["F2", "Whose words: from the text to the card, or to what is on record"],
  ["Esc", "Back to the text; from the text, Tab then leaves the editor"],
  ["F4", "Next view: agreed text only, square brackets, revision marks"],
  ["F8, Shift F8", "Next, previous change"],
  ["F9, Shift F9", "Next, previous open bracket"],
  ["Ctrl Z", "Undo your own changes"],
];

const WRITING: readonly (readonly [string, string])[] = [
  ["Type", "Your words stand underlined with your delegation's code, as a draft only your delegation sees"],
  ["Backspace, Delete", "Strikes agreed and others' words; removes your own draft"],
  ["[", "Brackets the selected words"],
  ["Enter", "Adds a paragraph after this one"],
  ["Ctrl Enter", "In the reason of a draft: Submit"],
];

const QUEUE: readonly (readonly [string, string])[] = [
  ["J, K", "Next, previous proposal"],
  ["Enter", "Look at it: the words, before and after"],
  ["A", "Agreed (brackets: words agreed)"],
  ["R", "Not retained"],
  ["S", "Set aside (the brackets stay)"],
];

export function HelpDialog({ page }: { page: PageState }) {
  return (
    <Dialog title={PANELS.help} close={() => page.choose({ dialog: null })} wide>
      <div class="help">
        {isExpert(page.who) && (
          <>
            <p>
              Write in the text. What you type is a draft of your delegation until somebody of it presses Submit on its card; then
              it is a proposal everybody sees, and the chair can record an outcome. Nothing becomes agreed text in any other way.
            </p>
            <Keys title="Writing" keys={WRITING} />
          </>
        )}
        {records(page.who) && (
          <>
            <p>
              Record outcomes on the cards beside the text or in the queue. An outcome covers exactly the revision you see;
              whatever was typed since stays pending. A mistake is put right with Reopen and a new outcome; both stay on record.
            </p>
            <Keys title="In the queue" keys={QUEUE} />
          </>
        )}
        <Keys title="Everywhere" keys={KEYS} />
      </div>
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {keys.map(([key, means]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
