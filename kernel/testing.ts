/** What tests of plugins need, published as `mibew/testing`. It lies beside the conformance kit, since it ships with it. */
export * from '../test/conformance/index.ts';
