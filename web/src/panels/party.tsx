/** A party's code in its colour. The code is always printed: colour alone never says whose words these are. */

import type { PageState } from "./state";

export function Code({ page, code }: { page: PageState; code: string }) {
  if (code === "") return null;
  const party = page.party(code);
  return (
    <abbr class={`code region-${party.region}`} title={party.name}>
      <bdi>{code}</bdi>
    </abbr>
  );
}

/** Codes behind the name of who proposes: those who joined. */
export function Codes({ page, codes }: { page: PageState; codes: readonly string[] }) {
  return (
    <>
      {codes.map((code) => (
        <Code key={code} page={page} code={code} />
      ))}
    </>
  );
}
