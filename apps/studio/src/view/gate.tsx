import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { connection, trouble, unlock } from "../state/gateway.ts";

const key = signal("");

/** What stands above the page while the gateway is not reachable or asks for a key. */
export const Gate = (): JSX.Element | null => {
  if (connection.value === "away") {
    return (
      <p class="banner" role="alert">
        The gateway does not answer. Trying again…
      </p>
    );
  }
  if (connection.value !== "locked") return null;
  return (
    <form
      class="banner"
      onSubmit={(event) => {
        event.preventDefault();
        void unlock(key.value.trim());
      }}
    >
      <label class="field grow">
        <span>This gateway asks for a key</span>
        <input
          type="password"
          autocomplete="off"
          value={key.value}
          aria-describedby="gate-trouble"
          onInput={(event) => {
            key.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="primary" disabled={key.value.trim() === ""}>
        Open
      </button>
      <span id="gate-trouble" class="hint">
        {trouble.value}
      </span>
    </form>
  );
};
