CREATE TABLE `receipts_progress` (
	`thread_id` bigint NOT NULL,
	`side` varchar(32) NOT NULL,
	`delivered` int NOT NULL,
	`read` int NOT NULL,
	CONSTRAINT `receipts_progress_thread_id_side_pk` PRIMARY KEY(`thread_id`,`side`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
