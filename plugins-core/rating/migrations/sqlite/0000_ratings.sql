CREATE TABLE `rating_rating` (
	`thread_id` integer PRIMARY KEY NOT NULL,
	`agent_id` integer NOT NULL,
	`group_id` integer NOT NULL,
	`score` integer NOT NULL,
	`comment` text NOT NULL,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rating_rating_agent_idx` ON `rating_rating` (`agent_id`,`created_at`);
--> statement-breakpoint
CREATE INDEX `rating_rating_time_idx` ON `rating_rating` (`created_at`);
