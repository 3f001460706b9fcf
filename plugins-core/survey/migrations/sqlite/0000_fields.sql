CREATE TABLE `survey_field` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`label` text NOT NULL,
	`labels` text NOT NULL,
	`required` integer NOT NULL,
	`max_length` integer NOT NULL,
	`options` text NOT NULL,
	`weight` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `survey_field_name_key` ON `survey_field` (`name`);
