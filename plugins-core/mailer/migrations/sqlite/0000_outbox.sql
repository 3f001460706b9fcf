CREATE TABLE `mailer_mail` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`template` text NOT NULL,
	`key` text,
	`by` text NOT NULL,
	`locale` text NOT NULL,
	`to` text NOT NULL,
	`reply_to` text,
	`subject` text NOT NULL,
	`body` text NOT NULL,
	`message_id` text NOT NULL,
	`state` text DEFAULT 'queued' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`uncertain` integer DEFAULT false NOT NULL,
	`next_at` integer NOT NULL,
	`claimed_until` integer DEFAULT 0 NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`settled_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mailer_mail_once_key` ON `mailer_mail` (`template`,`key`);
--> statement-breakpoint
CREATE INDEX `mailer_mail_state_idx` ON `mailer_mail` (`state`,`id`);
--> statement-breakpoint
CREATE INDEX `mailer_mail_due_idx` ON `mailer_mail` (`state`,`next_at`);
--> statement-breakpoint
CREATE INDEX `mailer_mail_settled_idx` ON `mailer_mail` (`settled_at`);
--> statement-breakpoint
CREATE TABLE `mailer_template` (
	`name` text NOT NULL,
	`locale` text NOT NULL,
	`subject` text NOT NULL,
	`body` text NOT NULL,
	`changed_at` integer NOT NULL,
	PRIMARY KEY(`name`, `locale`)
);
