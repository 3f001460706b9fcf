CREATE TABLE `visitor_notes_note` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`text` text NOT NULL,
	`operator_id` integer NOT NULL,
	`operator_name` text NOT NULL,
	`created_at` integer NOT NULL,
	`changed_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `visitor_notes_note_visitor_idx` ON `visitor_notes_note` (`user_id`,`id`);
--> statement-breakpoint
CREATE INDEX `visitor_notes_note_pace_idx` ON `visitor_notes_note` (`operator_id`,`created_at`);
