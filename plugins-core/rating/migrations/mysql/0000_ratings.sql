CREATE TABLE `rating_rating` (
	`thread_id` bigint NOT NULL,
	`agent_id` bigint NOT NULL,
	`group_id` bigint NOT NULL,
	`score` int NOT NULL,
	`comment` longtext NOT NULL,
	`created_at` bigint NOT NULL,
	`changed_at` bigint NOT NULL,
	CONSTRAINT `rating_rating_thread_id_pk` PRIMARY KEY(`thread_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `rating_rating_agent_idx` ON `rating_rating` (`agent_id`,`created_at`);
--> statement-breakpoint
CREATE INDEX `rating_rating_time_idx` ON `rating_rating` (`created_at`);
