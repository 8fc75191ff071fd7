export {
  type DevelopmentCertificateOptions,
  developmentCertificate,
  type SigningIdentity,
} from "./development-certificate.ts";
export { type SignOptions, sign } from "./sign.ts";
export { type Verification, verify, verifyFile } from "./verify.ts";
