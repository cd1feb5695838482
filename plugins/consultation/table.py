"""The table of opinions that departments send: its headings, and the words in its cells."""

from __future__ import annotations

from workflow import Import

OPINIONS = Import(
    action="respond",
    columns={
        "unit": (
            "Đơn vị",
            "Tên đơn vị",
            "Cơ quan",
            "Tên cơ quan",
            "Cơ quan, đơn vị",
            "Tên cơ quan, đơn vị",
            "Cơ quan, tổ chức, cá nhân",
            "Cơ quan góp ý",
            "Đơn vị góp ý",
            "Đơn vị có ý kiến",
            "Unit",
            "Agency",
            "Body",
        ),
        "position": ("Quan điểm", "Kết quả", "Kết luận", "Ý kiến chung", "Nhất trí/không nhất trí", "Position"),
        "article": (
            "Điều",
            "Điều, khoản",
            "Điều khoản",
            "Nhóm vấn đề hoặc Điều, khoản",
            "Nhóm vấn đề hoặc Điều, Khoản",
            "Phần, điều, khoản",
            "Nội dung dự thảo",
            "Article",
            "Part",
        ),
        "text": (
            "Nội dung góp ý",
            "Nội dung ý kiến",
            "Nội dung tham gia",
            "Nội dung tham gia ý kiến",
            "Ý kiến",
            "Ý kiến góp ý",
            "Ý kiến tham gia",
            "Nội dung góp ý, phản biện",
            "Opinion",
            "Comment",
            "Text",
        ),
        "letter": (
            "Số văn bản",
            "Số công văn",
            "Văn bản số",
            "Số, ký hiệu",
            "Số và ký hiệu",
            "Letter",
            "Letter number",
        ),
        "letter_date": ("Ngày văn bản", "Ngày công văn", "Ngày, tháng văn bản", "Ngày ký", "Letter date"),
        "about": ("Bản dự thảo", "Dự thảo lần", "Revision"),
        "on": ("Ngày nhận", "Ngày đến", "Ngày nhận văn bản", "Received on", "Received"),
    },
    words={
        "position": {
            "agree": ("Đồng ý", "Nhất trí", "Thống nhất", "Hoàn toàn nhất trí", "Không có ý kiến khác"),
            "agree-with-comments": (
                "Đồng ý, có góp ý",
                "Nhất trí, có góp ý",
                "Nhất trí và có góp ý",
                "Cơ bản nhất trí",
                "Cơ bản đồng ý",
                "Agree with comments",
            ),
            "disagree": ("Không đồng ý", "Không nhất trí", "Không thống nhất"),
            "comments": ("Góp ý", "Có ý kiến", "Có góp ý"),
            "abstain": ("Phiếu trắng", "Abstain"),
        },
    },
)
