import { defineConfig } from 'mibew/kernel';

/**
 * Boot-time configuration. Every value has a default, and environment variables (PORT, HOST, MIBEW_PUBLIC_URL …) win
 * over this file. What administrators change while the server runs is a setting, not a line here.
 */
export default defineConfig({
  plugins: {},
});
