ALTER TABLE `operators_operator` ADD `status` varchar(32) DEFAULT 'available' NOT NULL;
--> statement-breakpoint
UPDATE `operators_operator` SET `status` = 'away' WHERE `away` <> 0;
--> statement-breakpoint
ALTER TABLE `operators_operator` DROP COLUMN `away`;
