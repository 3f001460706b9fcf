CREATE TABLE `routing_limit` (
	`operator_id` bigint NOT NULL,
	`most` int NOT NULL,
	CONSTRAINT `routing_limit_operator_id_pk` PRIMARY KEY(`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `routing_rule` (
	`group_id` bigint NOT NULL,
	`mode` varchar(16) NOT NULL,
	CONSTRAINT `routing_rule_group_id_pk` PRIMARY KEY(`group_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
