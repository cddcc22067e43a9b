"""What can go wrong with domain folders, in the same three parts and both languages as all sentences; `sentences` takes them in."""

from collections.abc import Mapping

from engine.schema.teacher_sentences import Parts

DOMAIN_SENTENCES: Mapping[str, tuple[Parts, Parts]] = {
    "domain-unreadable": (
        (
            "The domain folder {name} cannot be used: {detail}.",
            "Nothing was changed.",
            "Correct its files and choose it again; the manual shows a whole one.",
        ),
        (
            "领域文件夹 {name} 无法使用：{detail}。",
            "没有任何更改。",
            "请更正其中的文件后重新选择；使用手册中有完整示例。",
        ),
    ),
    "domain-unknown": (
        (
            "There is no domain called {name}.",
            "Nothing was started.",
            "Known are {known}; or name a folder that holds a domain.yaml.",
        ),
        ("没有名为 {name} 的领域。", "尚未开始。", "已有 {known}；也可以指定包含 domain.yaml 的文件夹。"),
    ),
    "domain-there": (
        (
            "The project {name} has a domain already, and its cases may hang on it.",
            "Nothing was changed.",
            "Choose a new folder for the project.",
        ),
        ("项目 {name} 已有自己的领域，其病例可能依赖于它。", "没有任何更改。", "请为项目选择一个新文件夹。"),
    ),
    "domain-no-model": (
        (
            "No trained model of the domain {name} ships with Consilium.",
            "Nothing was made.",
            "Ready to use are {known}; for others make a project from the domain's folder and start a demo run in it.",
        ),
        (
            "Consilium 未附带领域 {name} 的已训练模型。",
            "没有创建任何内容。",
            "可直接使用的有 {known}；其他领域请用其文件夹新建项目，再启动演示训练。",
        ),
    ),
    "domain-no-generator": (
        (
            "The domain {name} cannot generate cases.",
            "Nothing was started.",
            "Import cases with answers, or give the folder a world.yaml and a phrases.txt.",
        ),
        ("领域 {name} 不能生成病例。", "尚未开始。", "请导入带答案的病例，或为文件夹提供 world.yaml 和 phrases.txt。"),
    ),
}
