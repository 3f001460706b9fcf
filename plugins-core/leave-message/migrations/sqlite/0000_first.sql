CREATE TABLE `leave_message_answer` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`thread_id` integer NOT NULL,
	`sender_key` text NOT NULL,
	`operator_id` integer NOT NULL,
	`operator_name` text NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	`mail_id` integer,
	`failed` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `leave_message_answer_once_key` ON `leave_message_answer` (`thread_id`,`sender_key`);
--> statement-breakpoint
CREATE INDEX `leave_message_answer_mail_idx` ON `leave_message_answer` (`mail_id`,`created_at`);
--> statement-breakpoint
CREATE TABLE `leave_message_left` (
	`thread_id` integer PRIMARY KEY NOT NULL,
	`visitor_id` integer NOT NULL,
	`sender_key` text,
	`digest` text NOT NULL,
	`name` text NOT NULL,
	`email` text NOT NULL,
	`info` text NOT NULL,
	`state` text DEFAULT 'open' NOT NULL,
	`created_at` integer NOT NULL,
	`changed_by` integer DEFAULT 0 NOT NULL,
	`changed_name` text DEFAULT '' NOT NULL,
	`changed_at` integer DEFAULT 0 NOT NULL,
	`mail_id` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `leave_message_left_once_key` ON `leave_message_left` (`visitor_id`,`sender_key`);
--> statement-breakpoint
CREATE INDEX `leave_message_left_state_idx` ON `leave_message_left` (`state`,`thread_id`);
--> statement-breakpoint
CREATE INDEX `leave_message_left_mail_idx` ON `leave_message_left` (`mail_id`,`created_at`);
