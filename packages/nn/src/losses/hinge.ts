import { add, mul, neg, reduceMean, relu, sub, type Value } from "@prosopon/graph";

/** Hinge loss of a discriminator (Lim and Ye 2017): ½(mean relu(1 - real) + mean relu(1 + fake)); a scalar. */
export const hingeDiscriminator = (real: Value, fake: Value): Value =>
  mul(add(reduceMean(relu(sub(1, real))), reduceMean(relu(add(fake, 1)))), 0.5);

/** What the generator minimises against it: -mean(fake); a scalar. */
export const hingeGenerator = (fake: Value): Value => neg(reduceMean(fake));
