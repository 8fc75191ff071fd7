import { refusal } from "../limits/refusal.ts";
import { inSpan } from "../observe/span.ts";
import type { Services } from "../services.ts";
import type { Route } from "./exchange.ts";
import { sendJson } from "./send.ts";
import { takeUpload } from "./take-upload.ts";

/** POST /uploads: the bytes of one file as the body. Answers 201 with `{ id, mime, size, expires }`. */
export const uploadRoute =
  (services: Services): Route =>
  ({ request, response, principal: { tenant } }) =>
    inSpan("prosopon.upload", {}, async () => {
      const { limits } = services;
      if (/^multipart\//i.test(request.headers["content-type"] ?? ""))
        throw refusal(
          "UNSUPPORTED",
          "Send the bytes of the file as the body; multipart requests go to the mutation createUpload.",
        );
      if (Number(request.headers["content-length"] ?? 0) > limits.uploadBytes)
        throw refusal("TOO_LARGE", `The file is larger than ${limits.uploadBytes} bytes.`);
      const controller = new AbortController();
      const gone = (): void => controller.abort();
      response.once("close", gone);
      try {
        const record = await takeUpload(services, request.iterator({ destroyOnReturn: false }), {
          tenant,
          limit: limits.uploadBytes,
          signal: controller.signal,
        });
        const expires = new Date(record.createdAt + 1000 * limits.uploadSeconds).toISOString();
        sendJson(response, 201, { id: record.id, mime: record.mime, size: record.size, expires });
      } finally {
        response.off("close", gone);
      }
    });
