CREATE TABLE `operators_guard` (
	`name` text PRIMARY KEY NOT NULL,
	`turns` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `operators_operator` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`login` text NOT NULL,
	`login_key` text NOT NULL,
	`name` text NOT NULL,
	`common_name` text NOT NULL,
	`email` text NOT NULL,
	`email_key` text NOT NULL,
	`password_hash` text NOT NULL,
	`permissions` text NOT NULL,
	`disabled` integer DEFAULT false NOT NULL,
	`away` integer DEFAULT false NOT NULL,
	`code` text DEFAULT '' NOT NULL,
	`avatar` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operators_operator_login_key` ON `operators_operator` (`login_key`);
--> statement-breakpoint
CREATE UNIQUE INDEX `operators_operator_email_key` ON `operators_operator` (`email_key`);
--> statement-breakpoint
CREATE TABLE `operators_session` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`operator_id` integer NOT NULL,
	`secret_hash` text NOT NULL,
	`remember` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`address` text NOT NULL,
	`user_agent` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operators_session_secret_key` ON `operators_session` (`secret_hash`);
--> statement-breakpoint
CREATE INDEX `operators_session_operator_idx` ON `operators_session` (`operator_id`);
--> statement-breakpoint
CREATE INDEX `operators_session_expires_idx` ON `operators_session` (`expires_at`);
