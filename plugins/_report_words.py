"""The words of the report in both languages."""

from __future__ import annotations

from workflow import Text

WORDS = {
    name: Text(vi=vi, en=en)
    for name, vi, en in (
        ("title", "Báo cáo quá trình thực hiện kế hoạch", "Report on the course of plans"),
        ("made", "Lập lúc", "Made"),
        ("plans", "Số kế hoạch", "Plans"),
        ("by", "người lập", "by"),
        ("plans-left-out", "Số kế hoạch mật không đưa vào báo cáo", "Confidential plans left out"),
        ("definition", "Quy trình, phiên bản", "Definition, version"),
        ("stage", "Giai đoạn", "Stage"),
        ("began", "Bắt đầu", "Began"),
        ("latest", "Sự việc gần nhất", "Latest fact"),
        ("lead", "Đơn vị chủ trì", "Lead"),
        ("status-active", "đang thực hiện", "active"),
        ("status-suspended", "tạm dừng", "suspended"),
        ("status-cancelled", "đã hủy", "cancelled"),
        ("status-finished", "đã kết thúc", "finished"),
        (
            "simulated",
            "Nhật ký này có sự kiện ghi theo đồng hồ mô phỏng (bản chạy thử).",
            "Some events of this trail were recorded with a simulated clock (a trial run).",
        ),
        (
            "adopted",
            "Kế hoạch được tiếp nhận khi đang thực hiện; diễn biến trước đó không có trong hệ thống.",
            "The plan was taken over under way; its earlier history lies outside this record.",
        ),
        ("verification", "Kết quả kiểm tra nhật ký", "Verification of the record"),
        ("sound", "Nhật ký nguyên vẹn, số sự kiện đã kiểm tra", "The record agrees with itself, events checked"),
        ("not-sound", "NHẬT KÝ KHÔNG KHỚP:", "THE RECORD DOES NOT AGREE WITH ITSELF:"),
        ("unjudged", "Chưa kiểm tra được: thiếu phần mở rộng.", "It could not be judged: a plugin is missing."),
        ("seal", "Niêm phong số", "Seal"),
        ("sealed-at", "Lúc (UTC)", "Made at (UTC)"),
        ("up-to", "Đến sự kiện", "Up to event"),
        ("no-seal", "Chưa có niêm phong.", "No seal reaches into it yet."),
        ("lateness", "Công việc và thời hạn", "Work and its dates"),
        ("late-now", "Đang quá hạn", "Late now"),
        ("what", "Nội dung", "What"),
        ("owner", "Đơn vị, người thực hiện", "Owed by"),
        ("due", "Thời hạn", "Due"),
        ("first", "ban đầu", "at first"),
        ("done", "Hoàn thành", "Done"),
        ("days-behind", "Sau thời hạn (ngày)", "Days after due"),
        ("judged", "Đánh giá", "Judged"),
        ("late", "muộn", "late"),
        ("late-hour", "muộn giờ trong ngày", "late by the hour"),
        ("in-buffer", "chưa muộn: dùng thời gian dự phòng đến", "not late: takes buffer time until"),
        ("in-time", "đúng hạn", "in time"),
        ("open", "chưa xong", "open"),
        (
            "how-judged",
            "“Sau thời hạn” là số ngày sau thời hạn của chính việc ấy. Việc chỉ dùng thời gian dự phòng của kế hoạch "
            "thì chưa tính là muộn; ý kiến đến sau thời hạn vẫn ghi “(muộn)” trong bảng ý kiến vì đến sau ngày đã hẹn.",
            "“Days after due” counts from the day of the work itself. Work that only takes buffer time of the plan is "
            "not late; an opinion that came after its day is still marked “(late)” in the table of opinions.",
        ),
        ("timeline", "Diễn biến", "Timeline"),
        ("number", "Số", "No."),
        ("day", "Ngày", "Day"),
        ("recorded", "Ghi lúc (UTC)", "Recorded (UTC)"),
        ("who", "Người thực hiện", "Who"),
        ("happened", "Sự việc", "What happened"),
        ("when", "Ngày; ghi lúc (UTC)", "Day; recorded (UTC)"),
        ("recorded-at", "ghi", "recorded"),
        ("days-after", "sau {days} ngày", "{days} days after"),
        ("hash", "SHA-256 (đầu)", "SHA-256 (head)"),
        ("behalf", "thay mặt", "on behalf of"),
        ("confidential", "(mật, không đưa vào báo cáo)", "(confidential, left out)"),
        ("opinions", "Ý kiến và số liệu của các bước", "Opinions and figures of the steps"),
        ("documents", "Văn bản, tài liệu", "Documents"),
        ("document", "Văn bản", "Document"),
        ("symbol", "Số, ký hiệu", "Number"),
        ("size", "Cỡ (byte)", "Bytes"),
        ("sha256", "SHA-256", "SHA-256"),
        ("refused", "Các lần bị từ chối", "Refused attempts"),
    )
}
