CREATE TABLE `handover_handed` (
	`thread_id` bigint NOT NULL,
	`operator_id` bigint NOT NULL,
	`next_agent` bigint NOT NULL,
	`group_id` bigint NOT NULL,
	`note_hash` varchar(43) NOT NULL,
	CONSTRAINT `handover_handed_thread_id_pk` PRIMARY KEY(`thread_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
