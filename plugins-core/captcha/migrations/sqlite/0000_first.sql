CREATE TABLE `captcha_solution` (
	`challenge` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `captcha_solution_expiry_idx` ON `captcha_solution` (`expires_at`);
