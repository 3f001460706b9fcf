CREATE TABLE `undo_deletion` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`operator_id` integer NOT NULL,
	`deleted_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `undo_deletion_age_idx` ON `undo_deletion` (`deleted_at`);
