CREATE TABLE `visitor_notes_note` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`user_id` varchar(32) NOT NULL,
	`text` varchar(2000) NOT NULL,
	`operator_id` bigint NOT NULL,
	`operator_name` varchar(64) NOT NULL,
	`created_at` bigint NOT NULL,
	`changed_at` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `visitor_notes_note_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `visitor_notes_note_visitor_idx` ON `visitor_notes_note` (`user_id`,`id`);
--> statement-breakpoint
CREATE INDEX `visitor_notes_note_pace_idx` ON `visitor_notes_note` (`operator_id`,`created_at`);
