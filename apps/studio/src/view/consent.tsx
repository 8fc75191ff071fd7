import type { Signal } from "@preact/signals";
import type { JSX } from "preact";

/** What a visitor says of the person in what they brought. */
export const Consent = ({ given, text }: { readonly given: Signal<boolean>; readonly text: string }): JSX.Element => (
  <label class="consent">
    <input
      type="checkbox"
      checked={given.value}
      onChange={(event) => {
        given.value = event.currentTarget.checked;
      }}
    />
    <span>
      {text} <a href="#notice">What happens to it</a>
    </span>
  </label>
);
