/** The proposal before the meeting: how the paragraph reads now and would read, and the buttons that record the outcome. */

import { isOpen } from "../model/record";
import { spoken } from "./places";
import { kindWord, numberOf } from "./kind_words";
import { Outcomes } from "./card_whole";
import { OutcomeButtons } from "./outcome_buttons";
import { Code } from "./party";
import { powersOver } from "./powers";
import { nearby, previewOf, type Part } from "./preview";
import type { PageState } from "./state";
import { moment } from "./times";
import { usePage } from "./watch";

export function Floor({ page }: { page: PageState }) {
  usePage(page);
  const { facts, choices } = page;
  const amendment = choices.selected === null ? undefined : facts.record.amendments.get(choices.selected);
  if (!amendment) return null;
  const paragraphId = page.placeOf(amendment);
  const paragraph = facts.paragraphs[facts.order.get(paragraphId) ?? -1];
  const place = facts.places.get(paragraphId);
  const edits = page.editsOf(amendment);
  const powers = powersOver(amendment, page.who, page.stage);
  const preview = paragraph ? previewOf(amendment, paragraph, facts.record) : null;
  const open = isOpen(amendment);
  return (
    <section class="floor" aria-labelledby="floor-head">
      <div class="floor-text">
        <h2 id="floor-head">
          <Code page={page} code={amendment.delegation} /> {numberOf(amendment)} {kindWord(amendment, edits)}
          {place && <span class="where">{spoken(place)}</span>}
        </h2>
        {preview && open && (
          <dl class="preview">
            <dt>Now</dt>
            <dd>
              <Parts parts={preview.now} none="No such paragraph" />
            </dd>
            <dt>If agreed</dt>
            <dd>
              <Parts parts={preview.agreed} none="The paragraph goes" />
            </dd>
            {amendment.kind === "bracket" && (
              <>
                <dt>If not retained</dt>
                <dd>
                  <Parts parts={preview.notRetained} none="Nothing is left" />
                </dd>
              </>
            )}
          </dl>
        )}
        {!open && (
          <div class="floor-record">
            {amendment.reason !== "" && (
              <p class="small">
                <span class="quiet">Reason:</span> <bdi>{amendment.reason}</bdi>
              </p>
            )}
            <Outcomes page={page} amendment={amendment} />
            <p class="small quiet">
              <bdi>{amendment.author}</bdi>, {moment(amendment.createdAt, page.zone)}
            </p>
          </div>
        )}
      </div>
      <OutcomeButtons key={amendment.id} page={page} amendment={amendment} powers={powers} place="queue" />
    </section>
  );
}

function Parts({ parts, none }: { parts: readonly Part[]; none: string }) {
  if (parts.length === 0) return <span class="quiet">{none}</span>;
  return (
    <>
      {nearby(parts, 48).map(({ kind, text }, place) => {
        if (kind === "new") return <ins key={place}>{text}</ins>;
        if (kind === "gone") return <del key={place}>{text}</del>;
        return kind === "glyph" ? (
          <b key={place} class="glyph">
            {text}
          </b>
        ) : (
          <span key={place}>{text}</span>
        );
      })}
    </>
  );
}
