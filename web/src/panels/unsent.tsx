/** The tray of words that are not in the text. Nothing leaves it but by its author's own act (design I7). */

import { useState } from "preact/hooks";
import { ACTS, changesNotSent, PANELS, UNSENT_KINDS, UNSENT_OTHERWISE, UNSENT_REASONS } from "../terms";
import { Dialog } from "./dialog";
import { withItalics } from "./italics";
import { spoken } from "./places";
import type { Unsent } from "./ports";
import type { PageState } from "./state";
import { brief } from "./times";

export function UnsentDialog({ page }: { page: PageState }) {
  const { unsent, sending } = page.session;
  return (
    <Dialog title={PANELS.unsent} close={() => page.choose({ dialog: null })} wide>
      {sending > 0 && (
        <p class="note">
          {changesNotSent(sending)}. They are kept on this computer and go out by themselves when there is a connection.
        </p>
      )}
      {unsent.length === 0 && sending === 0 && <p class="quiet">Nothing is waiting. Everything you typed is in the draft.</p>}
      {unsent.length > 0 && <p>These words are yours and stay here until you propose them again or discard them.</p>}
      <ul class="unsent-list">
        {unsent.map((one) => (
          <Piece key={one.id} page={page} one={one} />
        ))}
      </ul>
    </Dialog>
  );
}

function Piece({ page, one }: { page: PageState; one: Unsent }) {
  const [confirming, setConfirming] = useState(false);
  const [note, setNote] = useState("");
  const place = page.facts.places.get(one.paragraph);
  const again = (): void => {
    if (page.session.proposeAgain(one.id)) page.tell({ tone: "plain", text: "Proposed again as your draft." });
    else setNote("The paragraph is gone. Copy the words and put them where they belong now.");
  };
  const copy = (): void => {
    void navigator.clipboard.writeText(one.words).then(
      () => setNote("Copied."),
      () => setNote("The browser does not let this page copy. Select the words and copy them."),
    );
  };
  return (
    <li>
      <p class="unsent-where">
        <b>{place ? spoken(place) : "A paragraph no longer in the text"}</b>
        <span class="quiet">
          {" "}
          {UNSENT_KINDS[one.kind]}, {brief(one.at, page.zone)}
        </span>
      </p>
      <blockquote>
        <bdi>{one.words}</bdi>
      </blockquote>
      <p class="small quiet">{UNSENT_REASONS[one.code] ?? withItalics(one.message || UNSENT_OTHERWISE)}</p>
      <div class="card-buttons">
        <button type="button" class="small-button primary" onClick={again}>
          {ACTS.proposeAgain}
        </button>
        <button type="button" class="small-button" onClick={copy}>
          {ACTS.copy}
        </button>
        {confirming ? (
          <>
            <button type="button" class="small-button danger" onClick={() => page.session.discardUnsent(one.id)}>
              Discard for good
            </button>
            <button type="button" class="plain small" onClick={() => setConfirming(false)}>
              Keep
            </button>
          </>
        ) : (
          <button type="button" class="small-button" onClick={() => setConfirming(true)}>
            {ACTS.discardWords}
          </button>
        )}
        <span role="status" class="small">
          {note}
        </span>
      </div>
    </li>
  );
}
